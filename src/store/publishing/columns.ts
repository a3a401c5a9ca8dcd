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
      // The narrower one is gone at once: left to the collector, all of them would lie about until the end.
      this.#data = new Int32Array(this.#data.buffer.transfer(this.#data.byteLength * 2));
    }
    this.#data[this.length++] = value;
  }

  values(): Int32Array {
    return this.#data.subarray(0, this.length);
  }
}
