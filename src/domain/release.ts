/** Gives the memory back at once: the collector sees little of such arrays, and would let them pile up. */
export function release(
  ...arrays: readonly (Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>)[]
): void {
  for (const { buffer } of arrays) buffer.transfer(0);
}
