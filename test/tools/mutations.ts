/** One trap: `from`, which stands once in `file`, becomes `to`; at least one of `tests` must go red. */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly tests: readonly string[];
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a connection is used again after an error',
    file: 'src/ldap/sessions.ts',
    from: 'this.#bySlot.get(slot)?.close();',
    to: 'void slot;',
    tests: ['test/ldap/directory-connections.test.ts', 'test/ldap/directory-expand.test.ts'],
  },
  {
    name: 'a connection made again is not bound',
    file: 'src/ldap/sessions.ts',
    from: 'if (former !== undefined) this.#wire.countReconnect();',
    to: `if (former !== undefined) {
      const { connect, urls } = this.#options;
      const bare = await LdapConnection.open({ ...connect, url: String(urls[0]), signal });
      this.#bySlot.set(slot, bare);
      return bare;
    }`,
    tests: ['test/ldap/directory-connections.test.ts'],
  },
  {
    name: 'an empty page ends a paged search',
    file: 'src/ldap/connection/paged-search.ts',
    from: 'const last = end.result.code !== 0 ||',
    to: 'const last = end.result.code !== 0 || entries.length === 0 ||',
    tests: ['test/ldap/paged-search.test.ts'],
  },
  {
    name: 'entries that came before an error are dropped',
    file: 'src/ldap/connection/paged-search.ts',
    from: 'yield { entries, references, bytes, last: true, end: sum };',
    to: 'yield { entries: sum.result.code === 0 ? entries : [], references, bytes, last: true, end: sum };',
    tests: ['test/ldap/paged-search.test.ts'],
  },
  {
    name: 'pages may go round in a circle for ever',
    file: 'src/ldap/connection/paged-search.ts',
    from: 'return this.#sameEmpty > MAX_SAME_EMPTY || this.#empty > MAX_EMPTY;',
    to: 'return false;',
    tests: ['test/ldap/paged-search.test.ts'],
  },
  {
    name: 'a branch is complete before its last page',
    file: 'src/crawl/walk.ts',
    from: 'await frontier.commit(page, last ? branches : []);',
    to: 'await frontier.commit(page, branches);',
    tests: ['test/crawl/walk.test.ts', 'test/crawl/crawl-resume.test.ts'],
  },
  {
    name: 'a page is committed before its branches',
    file: 'src/store/frontier.ts',
    from: 'translating(this.#database.name, () => this.#commit.immediate(page, done));',
    to: `translating(this.#database.name, () => {
        this.#commit.immediate({ ...page, employees: [] }, done);
        this.#commit.immediate({ ...page, work: { searches: 0, pages: 0, entries: 0, reconnects: 0 } }, []);
      });`,
    tests: ['test/survival/kill-commits.long.test.ts'],
  },
  {
    name: 'a branch is done when it is taken',
    file: 'src/store/frontier.ts',
    from: 'this.#taken += branches.length;',
    to: `this.#taken += branches.length;
    for (const { person } of branches) this.#setState.run(DONE, this.#run, person);`,
    tests: ['test/store/frontier.test.ts', 'test/crawl/crawl-resume.test.ts'],
  },
  {
    name: 'a walk ends while branches are in backoff',
    file: 'src/crawl/walk.ts',
    from: 'if (this.#resting.size === 0) break;',
    to: 'break;',
    tests: ['test/crawl/walk-failures.test.ts', 'test/crawl/walk-interleavings.test.ts'],
  },
  {
    name: 'an outage costs attempts',
    file: 'src/crawl/verdict.ts',
    from: "return inFlight ? inOutage(branches, retry) : { kind: 'wait', cost: 'nothing', alone: false };",
    to: "return again('attempt', branches.length === 1 ? retry.tries : 0, branches, retry);",
    tests: ['test/crawl/verdict.test.ts', 'test/crawl/walk-failures.test.ts'],
  },
  {
    name: 'suspects are tried together with others',
    file: 'src/crawl/walk.ts',
    from: 'if (this.#suspects === 0) return idle;',
    to: 'if (this.#suspects >= 0) return idle;',
    tests: ['test/crawl/walk-failures.test.ts'],
  },
  {
    name: 'a full page without a control is believed to be all',
    file: 'src/ldap/expansion/reading.ts',
    from: 'if (!suspect) return undefined;',
    to: 'if (suspect || !suspect) return undefined;',
    tests: ['test/ldap/directory-expand.test.ts'],
  },
  {
    name: 'a base search is paged',
    file: 'src/ldap/connection/paged-search.ts',
    from: "const paged = options.pageSize > 0 && spec.scope !== 'base';",
    to: 'const paged = options.pageSize > 0;',
    tests: ['test/ldap/paged-search.test.ts'],
  },
  {
    name: 'refused credentials are tried again',
    file: 'src/ldap/sessions.ts',
    from: 'if (code !== 0) throw this.#refusal(code, diagnostic);',
    to: 'if (code !== 0) throw bindRefused(code);',
    tests: ['test/ldap/directory-start.test.ts', 'test/cli/bad-directory.test.ts'],
  },
  {
    name: 'an interrupted preparation is not undone',
    file: 'src/store/publish.ts',
    from: 'await undoPreparation(database, numbers, signal);',
    to: '',
    tests: ['test/survival/kill-commits.long.test.ts'],
  },
  {
    name: 'two people with one link key are not doubted',
    file: 'src/store/doubts.ts',
    from: 'await this.#doubtShared(this.#links, signal);',
    to: '',
    tests: ['test/crawl/crawl.test.ts', 'test/integration/shared-numbers.test.ts'],
  },
  {
    name: 'the limiter follows the wall clock',
    file: 'src/pace/spacer.ts',
    from: 'discard(this.#limiter);\n    this.#limiter = newLimiter(this.#rate);',
    to: 'this.#progressAt = this.#clock.now();\n    if (count > 0) return;',
    tests: ['test/pace/wall-clock.test.ts'],
  },
  {
    name: 'the limiter forgets what it sent at a former rate',
    file: 'src/pace/pacer.ts',
    from: 'this.#window.record(this.#clock.now());',
    to: '',
    tests: ['test/pace/pacer.test.ts'],
  },
  {
    name: 'the lock is given up when the database is open',
    file: 'src/store/run-store.ts',
    from: 'return new SqliteRunStore(openForWriting(path), lock);',
    to: 'lock.release();\n      return new SqliteRunStore(openForWriting(path), lock);',
    tests: ['test/store/lock.test.ts', 'test/survival/lock-race.test.ts'],
  },
  {
    name: 'a part is read by a term that the server does not understand',
    file: 'src/ldap/expansion/proof.ts',
    from: 'if (await trial(dn, tautology(terms))) return terms;',
    to: 'if (await trial(dn, undefined)) return terms;',
    tests: ['test/ldap/directory-parts.test.ts'],
  },
];
