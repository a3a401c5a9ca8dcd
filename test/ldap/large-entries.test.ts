// Entries that span many chunks: each is whole when it is handed over, and what is kept of it stays as it was.
import { describe, expect, it } from 'vitest';
import { Asker } from '../../src/ldap/asker.ts';
import { DEFAULT_MAPPING } from '../../src/ldap/vendors.ts';
import { systemClock } from '../../src/pace/clock.ts';
import { person, team, withServer } from '../simulate/servers.ts';
import { withAuthority } from '../support/certificates.ts';
import { branch, expand, NEVER, withDirectory, withOpen } from './directories.ts';
import { ANY_SEARCH, PATIENT_MS } from './sessions.ts';

const LARGE = Array.from({ length: 40 }, (_, n) =>
  person(`r${n}`, { title: [`${n}`.padEnd(80_000 - n, '-')], description: ['x'.repeat(9_000)] }),
);
const OPTIONS = { mapping: { ...DEFAULT_MAPPING, location: ['description'] } };

function titlesOf(found: readonly { readonly profile: { readonly title: string | null } }[]) {
  return found.map(({ profile }) => Number.parseInt(profile.title ?? '', 10));
}

const NUMBERS = LARGE.map((_, n) => n);

function askerOf(url: string): Asker {
  const pace = { rate: 0, admit: async () => {}, served: () => {}, refused: () => {} };
  const ports = { pace, load: { start: () => () => {} }, clock: systemClock };
  const connect = { connectTimeoutMs: PATIENT_MS };
  const credentials = { kind: 'anonymous' } as const;
  return new Asker({ urls: [url], credentials, connect, requestTimeoutMs: PATIENT_MS }, ports);
}

describe('large entries', () => {
  it('are each as the server has it', async () => {
    await withOpen({ directory: team(0, LARGE) }, OPTIONS, async ({ directory }) => {
      const { pages } = await expand(directory, [branch('p1')]);
      const people = pages.flatMap(({ page }) => page.employees);
      expect(titlesOf(people)).toEqual(NUMBERS);
      expect(people.every(({ profile }) => profile.title?.length === 65_536)).toBe(true);
    });
  });

  it('that are kept for longer stay so', async () => {
    await withServer({ directory: team(0, LARGE) }, async ({ url }) => {
      const asker = askerOf(url);
      try {
        const { entries } = await asker.collect({ ...ANY_SEARCH, attributes: ['title'] }, 0, NEVER);
        const titles = entries.flatMap(({ attributes }) => attributes.get('title') ?? []);
        expect(titles.map((title) => Number.parseInt(title.toString(), 10))).toEqual(NUMBERS);
      } finally {
        await asker.close();
      }
    });
  });

  it('are so through TLS', async () => {
    await withAuthority(async (authority) => {
      const { cert, key } = await authority.issue('server', 'IP:127.0.0.1');
      const tls = { cert, key, implicit: true };
      await withServer({ directory: team(0, LARGE), tls }, async (server) => {
        const connect = { connectTimeoutMs: 30_000, tls: { ca: authority.cert } };
        await withDirectory(server.url, { ...OPTIONS, connect }, async ({ directory }) => {
          await directory.open(NEVER);
          const { pages } = await expand(directory, [branch('p1')]);
          expect(titlesOf(pages.flatMap(({ page }) => page.employees))).toEqual(NUMBERS);
        });
      });
    });
  });
});
