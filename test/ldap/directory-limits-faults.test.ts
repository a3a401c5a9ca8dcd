// A manager beyond the size limit, at a server that fails at any one of the requests that it takes.
import { describe, expect, it } from 'vitest';
import { DropConnection, type Fault, ResultCode } from '../../src/simulate/faults.ts';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { branch, type Expansion, expand, withOpen } from './directories.ts';

const REPORTS = 900;
const LIMIT = 100;
/** Of a branch: the engine gives up then. */
const TRIES = 3;

const company = () =>
  syntheticOrganisation({
    ...{ people: REPORTS + 1, seed: 3 },
    spans: [REPORTS, 1, ...Array<number>(REPORTS - 1).fill(0)],
  });

/** Asked again as the engine would, with a fault at the `nth` search; undefined: there are not so many. */
async function readWith(fault: (nth: number) => Fault, nth: number) {
  const directory = company();
  const options = { directory, sizeLimit: LIMIT, paging: 'refused' } as const;
  return withOpen(options, { roots: [directory.rootDn] }, async ({ directory: opened, ...at }) => {
    at.server.setFaults(fault(nth));
    const before = at.searches.length;
    const found = new Set<string>();
    let expansion: Expansion | undefined;
    for (let attempts = 0; attempts < TRIES && !expansion?.completed; attempts += 1) {
      const asked = { ...branch('root', directory.rootDn), attempts };
      expansion = await expand(opened, [asked]);
      for (const name of expansion.found) found.add(name);
    }
    if (at.searches.length - before < nth) return undefined;
    return { completed: expansion?.completed, found: found.size };
  });
}

describe('a manager beyond the size limit, without paging', () => {
  it.each([
    ['is busy', (nth: number) => new ResultCode(51, { nth })],
    ['drops the connection', (nth: number) => new DropConnection({ nth })],
  ])('is read completely, whichever search it is that %s', async (_, fault) => {
    let nth = 1;
    for (let read = await readWith(fault, nth); read; read = await readWith(fault, nth)) {
      expect(read, `at search ${nth}`).toEqual({ completed: true, found: REPORTS });
      nth += 1;
    }
    expect(nth).toBeGreaterThan(REPORTS / LIMIT);
  });
});
