import { release } from '../../domain/release.ts';

/** Index of `value` in ascending `sorted`, negative where it is not there. */
export function indexOf(sorted: Int32Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = sorted[middle] as number;
    if (found === value) return middle;
    if (found < value) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** A growing column of integers: an array of a million numbers would take four times the memory. */
export class Column {
  #data = new Int32Array(1_024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#data.length) {
      // Not by `transfer`, which fills what is not needed yet: it would take memory until the end.
      const wider = new Int32Array(this.length * 2);
      wider.set(this.#data);
      release(this.#data);
      this.#data = wider;
    }
    this.#data[this.length++] = value;
  }

  values(): Int32Array<ArrayBuffer> {
    return this.#data.subarray(0, this.length);
  }
}
