// A manager of 20,000 on a real OpenLDAP that refuses to page.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Slapd } from '../support/slapd.ts';
import { LIMITS, readAs, startTeam } from './limits-slapd.ts';

const REPORTS = 20_000;

let server: Slapd;

beforeAll(async () => {
  server = await startTeam(REPORTS);
});
afterAll(() => server.stop());

describe('a manager of 20,000 at an OpenLDAP that refuses to page', () => {
  it.each(LIMITS)(
    'is read whole at no more than twice what it must cost, by %i at a time',
    async (limit) => {
      const { people, completed, error, searches } = await readAs(server, limit);
      expect([people, completed, error]).toEqual([REPORTS, true, undefined]);
      expect(searches).toBeLessThanOrEqual(2 * Math.ceil(REPORTS / limit) + 10);
    },
  );
});
