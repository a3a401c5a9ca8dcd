import type { State } from '../store/reader.ts';

/** Which state an answer is about, for a person who asked for another one than the published. */
export function told(state: State | null): string {
  if (state === null) return '';
  const { run, publishedAt, held } = state;
  return held
    ? `As run ${run} would publish it, which is held\n`
    : `As published by run ${run}, ${publishedAt}\n`;
}
