/** The candidate that `word` is most likely a misspelling of; undefined where none is near. Case does not count. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

// Damerau and Levenshtein's: a letter too many, missing, wrong, or two in the wrong order. A row of the table per letter.
function editDistance(from: string, to: string): number {
  const [a, b] = [from.toLowerCase(), to.toLowerCase()];
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 0; i < a.length; i++) rows.push(nextRow(rows, a, b, i));
  return rows.at(-1)?.at(-1) ?? 0;
}

function nextRow(rows: readonly (readonly number[])[], a: string, b: string, i: number): number[] {
  const row = [i + 1];
  for (let j = 0; j < b.length; j++) {
    const swapped = a[i] === b[j - 1] && a[i - 1] === b[j];
    const cost = a[i] === b[j] ? 0 : 1;
    row.push(
      Math.min(
        at(rows[i], j) + cost,
        at(rows[i], j + 1) + 1,
        at(row, j) + 1,
        swapped ? at(rows[i - 1], j - 1) + 1 : Number.POSITIVE_INFINITY,
      ),
    );
  }
  return row;
}

function at(row: readonly number[] | undefined, column: number): number {
  return row?.[column] ?? Number.POSITIVE_INFINITY;
}
