// The real program before a simulated server that refuses above a rate it tells nobody.
import { expect } from 'vitest';
import { BusyAboveRate, type BusySecond } from '../../src/simulate/faults.ts';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { crawlOf, runOrgwalk, withPlace } from '../cli/orgwalk.ts';
import { withServer } from '../simulate/servers.ts';
import { digestDatabase } from '../support/digest.ts';

export interface BusyOptions {
  /** Requests in any one second that the server bears. */
  readonly hidden: number;
  /** --rate */
  readonly configured: number;
  /** One search for each, and the searches are what takes the time. */
  readonly people: number;
}

export interface Summary {
  readonly status: string;
  readonly employees: number;
  readonly failedBranches: readonly unknown[];
  readonly load: { readonly refused: number; readonly slowestRate: number | null };
}

export interface BusyCrawl {
  readonly code: number | null;
  readonly summary: Summary;
  /** What the server counted, second by second. */
  readonly seconds: readonly BusySecond[];
  /** The database is that of a crawl of a server that refuses nothing. */
  readonly isComplete: boolean;
}

export async function crawlBusy({ hidden, configured, people }: BusyOptions): Promise<BusyCrawl> {
  const directory = syntheticOrganisation({ people, seed: 9 });
  const target = (url: string) => ({ url, root: directory.rootDn });
  return withPlace(({ db }) =>
    withServer({ directory }, async (server) => {
      const undisturbed = `${db}.undisturbed`;
      await runOrgwalk(crawlOf(target(server.url), undisturbed));
      const fault = new BusyAboveRate(hidden);
      server.setFaults(fault);
      const args = crawlOf(target(server.url), db, '--batch', '1', '--json');
      const { code, stdout, stderr } = await runOrgwalk(withRate(args, configured));
      expect(stderr).not.toMatch(/^Error/m);
      const isComplete = digestDatabase(db) === digestDatabase(undisturbed);
      return { code, summary: JSON.parse(stdout), seconds: fault.seconds, isComplete };
    }),
  );
}

/** `crawlOf` asks for no limit. */
export function withRate(args: readonly string[], rate: number): readonly string[] {
  const at = args.indexOf('--rate');
  return args.with(at + 1, String(rate));
}

/** Served in a second and share refused, from second `from` (0 …) to the last but one, which may not be a whole one. */
export function settledFrom(seconds: readonly BusySecond[], from: number) {
  const settled = seconds.slice(from, -1);
  const served = settled.reduce((sum, second) => sum + second.served, 0);
  const refused = settled.reduce((sum, second) => sum + second.refused, 0);
  return { servedPerSecond: served / settled.length, refusedShare: refused / (served + refused) };
}
