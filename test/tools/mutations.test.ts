import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MUTATIONS } from './mutations.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

describe('a trap to be put back', () => {
  it.each(MUTATIONS)('$name: stands once in the source, and its tests are there', (mutation) => {
    const { file, from, to, tests } = mutation;
    expect(readFileSync(at(file), 'utf8').split(from)).toHaveLength(2);
    expect(to).not.toBe(from);
    expect(tests.filter((test) => !existsSync(at(test)))).toEqual([]);
    expect(tests.length).toBeGreaterThan(0);
  });
});
