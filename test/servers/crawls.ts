// What the crawl of every server must come to: the truth, and one clear refusal of a wrong password.
import { expect } from 'vitest';
import { expectRefusal, type RunOptions } from '../cli/orgwalk.ts';
import { crawl, crawled, withDatabase } from '../integration/crawling.ts';
import { compareWithTruth, SAME, type Truth } from '../support/truth.ts';
import type { Access } from './server.ts';

export type Crawl = {
  readonly server: Access;
  readonly rootDn: string;
  readonly truth: Truth;
  /** For the line that is printed. */
  readonly name: string;
};

/** A crawl of 2,000 people on a directory without the index that it needs. */
const KILL_AFTER_MS = 280_000;

/** Crawls, prints what it came to, and compares. `look` sees the database. */
export async function expectTruth(
  { server, rootDn, truth, name }: Crawl,
  more: readonly string[] = [],
  look: (db: string) => void = () => undefined,
): Promise<void> {
  await withDatabase(async (db) => {
    const target = { url: server.url, root: rootDn };
    const account = ['--bind-dn', server.bindDn, '--base', server.base];
    const options = { ...asAccount(server.password), killAfterMs: KILL_AFTER_MS };
    const started = performance.now();
    const summary = await crawled(target, db, [...account, ...more], options);
    const seconds = (performance.now() - started) / 1_000;
    const { missing, extra, wrong, examples } = compareWithTruth(db, truth);
    console.info(
      `${name}: ${truth.employees.size} people, ${summary.employees} found, ${missing} missing, ` +
        `${extra} extra, ${wrong} wrong; ${summary.searches} searches, ` +
        `${((1_000 * summary.searches) / summary.employees).toFixed(1)} per 1,000; ${seconds.toFixed(1)} s`,
    );
    expect({ missing, extra, wrong, examples }).toEqual(SAME);
    expect(summary).toMatchObject({ status: 'published', employees: truth.employees.size });
    look(db);
  });
}

export function expectPasswordRefused({ server, ...rest }: Crawl): Promise<void> {
  return expectRefused(
    { ...rest, server: { ...server, password: 'not the password' } },
    { error: /refused the credentials \(49\)/, hint: /password/ },
  );
}

export function expectTlsWanted(crawl: Crawl): Promise<void> {
  return expectRefused(crawl, {
    error: /requires TLS|stronger authentication/,
    hint: /--starttls/,
  });
}

async function expectRefused(
  { server, rootDn }: Crawl,
  said: { readonly error: RegExp; readonly hint: RegExp },
): Promise<void> {
  await withDatabase(async (db) => {
    const account = ['--bind-dn', server.bindDn, '--base', server.base];
    const target = { url: server.url, root: rootDn };
    const outcome = await crawl(target, db, account, asAccount(server.password));
    expectRefusal(outcome, { code: 6, ...said });
  });
}

function asAccount(password: string): RunOptions {
  return { env: { ORGWALK_BIND_PASSWORD: password } };
}
