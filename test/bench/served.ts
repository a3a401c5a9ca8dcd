// A real OpenLDAP with a made-up organisation, as the contenders find it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { writeOrganisation } from '../support/organisation.ts';
import { withProxy } from '../support/proxy.ts';
import { withSlapd } from '../support/slapd.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { ldapsearch, type Target } from './contenders.ts';
import { say } from './report.ts';

/** A slapd with an organisation of `people`, its pages in memory. */
export function withOrganisation<T>(
  people: number,
  use: (target: Target) => Promise<T>,
): Promise<T> {
  return withTemporaryDirectory(async (dir) => {
    const start = performance.now();
    const told = (what: string) =>
      say(`${people.toLocaleString('en')} people ${what} after ${secondsSince(start)} s`);
    const { path, rootDn, suffix } = writeOrganisation(join(dir, 'organisation.ldif'), { people });
    told('written');
    return withSlapd({ ldifPath: path }, async ({ url, pid }) => {
      told('loaded');
      spawnSync('bash', ['-c', `${ldapsearch({ url, base: suffix })} > /dev/null`]);
      return use({ url, base: suffix, rootDn, serverPid: pid, dir });
    });
  });
}

const secondsSince = (start: number) => ((performance.now() - start) / 1_000).toFixed(0);

/** The same server behind a link of this round trip. */
export function far<T>(
  roundTripMs: number,
  target: Target,
  use: (far: Target) => Promise<T>,
): Promise<T> {
  const to = Number(new URL(target.url).port);
  return withProxy({ to, roundTripMs }, ({ url }) => use({ ...target, url }));
}
