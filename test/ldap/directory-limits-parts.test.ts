// A branch of which the server sends so many entries and no more: whatever the values, nobody is missing when it is done.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoneBranch } from '../../src/ldap/expansion/lone-branch.ts';
import { LimitingServer, numbered, people, rules } from './limits.ts';
import type { Person } from './parts.ts';

const ATTRIBUTES = ['uid', 'mail', 'cn'];
const PLAIN = { exact: false, unmatched: [], ascii: [] };
const limit = fc.integer({ min: 1, max: 9 });

async function readAll(server: LimitingServer) {
  const branch = new LoneBranch();
  const found: Person[] = [];
  let last = 0;
  const failure = await (async () => {
    for await (const page of branch.read(server.searching(ATTRIBUTES), false)) {
      expect(last).toBe(0);
      found.push(...page.people);
      if (page.last) last += 1;
    }
  })().catch((error: unknown) => error);
  return { found: new Set(found.map(({ dn }) => dn)), came: found.length, last, failure };
}

function team(count: number, cnOf: (n: number) => string = (n) => `Person ${n}`) {
  return Array.from({ length: count }, (_, n) => {
    return { dn: `entry=${n}`, attributes: { cn: [cnOf(n)], uid: [`u${n}`] } };
  });
}

describe('a branch that is larger than the server lets a search be', () => {
  it('is read whole by leaving out who came, whatever the values and whatever else is understood', async () => {
    const understood = rules.map(({ ascii, ...others }) => {
      return { ...others, ascii: ascii.filter((name) => name !== 'entrydn') };
    });
    await fc.assert(
      fc.asyncProperty(people, understood, limit, async (everyone, asked, most) => {
        const server = new LimitingServer(everyone, asked, { limit: most, findsDns: true });
        const { found, came, last, failure } = await readAll(server);
        expect([found.size, came, last, failure]).toEqual([
          everyone.length,
          everyone.length,
          1,
          undefined,
        ]);
      }),
      { numRuns: 500 },
    );
  });

  it('is read whole in parts where entries are not found by their DNs, if something tells them apart', async () => {
    await fc.assert(
      fc.asyncProperty(people, rules, fc.boolean(), limit, async (list, given, findsDns, most) => {
        const asked = {
          ...given,
          unmatched: given.unmatched.filter((name) => name !== 'cn'),
          ascii: given.ascii.filter((name) => name !== 'cn'),
        };
        const everyone = numbered(list);
        const server = new LimitingServer(everyone, asked, { limit: most, findsDns });
        const { found, last, failure } = await readAll(server);
        expect([found.size, last, failure]).toEqual([everyone.length, 1, undefined]);
      }),
      { numRuns: 500 },
    );
  });

  it('is never called complete without its people', async () => {
    await fc.assert(
      fc.asyncProperty(people, rules, fc.boolean(), limit, async (list, asked, findsDns, most) => {
        const server = new LimitingServer(list, asked, { limit: most, findsDns });
        const { found, last, failure } = await readAll(server);
        expect(last).toBe(failure === undefined ? 1 : 0);
        if (last === 1) expect(found.size).toBe(list.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [40, 50],
    [400, 10],
    [900, 200],
    [1_400, 300],
  ])('costs few searches more than it must: %i people, %i at most', async (count, most) => {
    const server = new LimitingServer(team(count), PLAIN, { limit: most, findsDns: true });
    const { found, came, last } = await readAll(server);
    expect([found.size, came, last]).toEqual([count, count, 1]);
    expect(server.searches).toBeLessThanOrEqual(2 * Math.ceil(count / most) + 10);
  });

  it('has failed where nothing tells its people apart, and the server sends the same ones again', async () => {
    const alike = team(30, () => 'same').map(({ dn }) => ({ dn, attributes: { cn: ['same'] } }));
    const server = new LimitingServer(alike, PLAIN, { limit: 10, findsDns: false });
    const { found, last, failure } = await readAll(server);
    expect([found.size, last]).toEqual([10, 0]);
    expect(failure).toMatchObject({ remedy: 'fail', reason: 'limit', resultCode: 4 });
  });
});
