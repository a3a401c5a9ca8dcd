// What must hold under limits, on a real OpenLDAP that refuses to page.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HIDDEN } from '../../src/ldap/expansion/second-look.ts';
import type { Slapd } from '../support/slapd.ts';
import { BLIND, LIMITS, readAs, startTeam } from './limits-slapd.ts';

const REPORTS = 1_600;

let server: Slapd;

beforeAll(async () => {
  server = await startTeam(REPORTS);
});
afterAll(() => server.stop());

describe('a manager of 1,600 at an OpenLDAP that refuses to page', () => {
  it.each(LIMITS)(
    'is read whole, nobody twice, at no more than twice what it must cost, by %i at a time',
    async (limit) => {
      const { people, came, completed, error, searches } = await readAs(server, limit);
      expect([people, came, completed, error]).toEqual([REPORTS, REPORTS, true, undefined]);
      expect(searches).toBeLessThanOrEqual(2 * Math.ceil(REPORTS / limit) + 10);
    },
  );

  it('has failed where the account is shown less of some, and they may be missing', async () => {
    const { completed, error } = await readAs(server, BLIND);
    expect(completed).toBe(false);
    expect(error).toMatchObject({ remedy: 'fail', reason: 'limit', message: HIDDEN });
  });
});
