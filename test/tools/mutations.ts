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
    file: 'src/ldap/sessions/sessions.ts',
    from: 'this.#dropped.add(connection);\n    connection.close();',
    to: 'void slot;',
    tests: ['test/ldap/directory-connections.test.ts', 'test/ldap/directory-expand.test.ts'],
  },
  {
    name: 'a connection made again is not bound',
    file: 'src/ldap/sessions/sessions.ts',
    from: 'this.#wire.countReconnect();',
    to: `const { connect, urls } = this.#options;
      const bare = await LdapConnection.open({ ...connect, url: String(urls[0]), signal });
      this.#bySlot.set(slot, bare);
      return bare;`,
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
    file: 'src/store/recording/frontier.ts',
    from: 'this.#recording(() => this.#commit.immediate(page, done));',
    to: `this.#recording(() => {
        this.#commit.immediate({ ...page, employees: [] }, done);
        this.#commit.immediate({ ...page, work: { searches: 0, pages: 0, entries: 0, reconnects: 0 } }, []);
      });`,
    tests: ['test/survival/kill-commits.long.test.ts'],
  },
  {
    name: 'a branch is done when it is taken',
    file: 'src/store/recording/frontier.ts',
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
    from: 'if (this.#suspects > 0) return',
    to: 'if (this.#suspects < 0) return',
    tests: ['test/crawl/walk-failures.test.ts'],
  },
  {
    name: 'a full page without a control is believed to be all',
    file: 'src/ldap/expansion/stops.ts',
    from: 'const suspect = pageSize > 0 && end.cookie === undefined && entries === pageSize;',
    to: 'const suspect = pageSize < 0 && end.cookie === undefined && entries === pageSize;',
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
    file: 'src/ldap/sessions/sessions.ts',
    from: 'if (code !== 0) throw this.#refusal(code, diagnostic);',
    to: 'if (code !== 0) throw bindRefused(code);',
    tests: ['test/ldap/directory-start.test.ts', 'test/cli/bad-directory.test.ts'],
  },
  {
    name: 'an interrupted preparation is not undone',
    file: 'src/store/publishing/publish.ts',
    from: 'await undoPreparation(database, numbers, signal);',
    to: '',
    tests: ['test/survival/kill-commits.long.test.ts'],
  },
  {
    name: 'two people with one link key are not doubted',
    file: 'src/store/settling/doubts.ts',
    from: 'await this.#doubtShared(links, signal);',
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
  {
    name: 'a class that most servers do not know is negated',
    file: 'src/ldap/vendors.ts',
    from: "const PERSONS = '(objectClass=person)';",
    to: "const PERSONS = '(&(objectClass=person)(!(objectClass=computer)))';",
    tests: ['test/ldap/people-slapd.test.ts'],
  },
  {
    name: 'a manager value that is no text is asked about',
    file: 'src/ldap/lookups.ts',
    from: "if (isUnreadable(value)) return { kind: 'dangling' };",
    to: 'void isUnreadable;',
    tests: ['test/ldap/directory-managers.test.ts', 'test/cli/mapping.test.ts'],
  },
  {
    name: 'whoever lists no reports is a leaf, whatever the account may read',
    file: 'src/ldap/expansion/leaves.ts',
    from: 'const container = containerOf(entry.dn);',
    to: "const container = '';",
    tests: ['test/ldap/active-directory.test.ts', 'test/ldap/leaves.test.ts'],
  },
  {
    name: 'a list of reports ends with its first range',
    file: 'src/ldap/expansion/report-lists.ts',
    from: "next: told[2] === '*' ? null : Number(told[2]) + 1",
    to: 'next: null',
    tests: ['test/ldap/active-directory-lists.test.ts'],
  },
  {
    name: 'a list of reports that is not there is believed',
    file: 'src/ldap/expansion/direct-reports.ts',
    from: 'const untold = branches.filter((branch) => !lists.has(branch));',
    to: 'const untold = branches.filter(() => false);',
    tests: ['test/ldap/active-directory-lists.test.ts'],
  },
  {
    name: 'whatever answers at the next URL is taken for the same directory',
    file: 'src/ldap/sessions/servers.ts',
    from: 'return this.count === 1 || this.#standing(number).trusted;',
    to: 'return number >= 0;',
    tests: ['test/survival/failover.test.ts', 'test/ldap/directory-servers.test.ts'],
  },
  {
    name: 'a server that comes back is taken for what it was',
    file: 'src/ldap/sessions/servers.ts',
    from: 'this.#standing(number).trusted = false;',
    to: 'void number;',
    tests: ['test/ldap/directory-servers.test.ts'],
  },
  {
    name: 'the parts of a branch are put together from two servers',
    file: 'src/ldap/expansion/expansions.ts',
    from: 'const isHere = known?.link === link && (known.server ?? server) === server;',
    to: 'const isHere = known?.link === link && (known.server = server) === server;',
    tests: ['test/ldap/directory-servers.test.ts'],
  },
  {
    name: 'a part is forgotten before there are others in its place',
    file: 'src/ldap/expansion/lone-branch.ts',
    from: '// It stays until there are others in its place: what is asked for that may fail by itself.',
    to: 'this.#pieces.pop();',
    tests: ['test/ldap/directory-limits-faults.test.ts'],
  },
  {
    name: 'pages that run dry are believed to be all',
    file: 'src/ldap/connection/paged-search.ts',
    from: 'const ranDry = this.#hasEmptyPage && this.#estimate > this.#entries;',
    to: 'const ranDry = false;',
    tests: ['test/ldap/paged-search.test.ts'],
  },
  {
    name: 'people who come without the manager by whom they were found are believed',
    file: 'src/ldap/expansion/reading.ts',
    from: 'if (shown.length < entries.length) this.#isHidden = true;',
    to: '',
    tests: ['test/ldap/directory-expand.test.ts'],
  },
  {
    name: 'of two entries with one id, the last one seen is the person',
    file: 'src/store/recording/identities.ts',
    from: 'if (moved || seen === undefined || dnKey(seen[6]) === key) return asOwn;',
    to: 'return asOwn;',
    tests: ['test/crawl/crawl-identity.test.ts', 'test/store/twins.test.ts'],
  },
  {
    name: 'whoever went by DN last night may have the id tonight',
    file: 'src/store/recording/identities.ts',
    from: 'if (there !== undefined && there[1] !== own[1]) {',
    to: 'if (there === undefined && own === undefined) {',
    tests: ['test/crawl/crawl-identity.test.ts'],
  },
  {
    name: 'an id that is hidden makes a leaver and a joiner',
    file: 'src/store/recording/identities.ts',
    from: 'if (this.#numbers.published === 0) return undefined;',
    to: 'if (this.#numbers.published >= 0) return undefined;',
    tests: ['test/crawl/crawl-identity.test.ts'],
  },
  {
    name: 'a branch is done although it was read under a link that is no more',
    file: 'src/store/recording/frontier.ts',
    from: '.filter((person) => !this.#relinked.has(person) && !this.#turns.isRelinked(person));',
    to: ';',
    tests: ['test/store/frontier.test.ts'],
  },
  {
    name: 'a manager whose entry may not be read any more is taken for gone',
    file: 'src/ldap/lookups.ts',
    from: 'await this.#findWhereTheyWere(person, slot, signal)',
    to: 'undefined as Employee | undefined',
    tests: ['test/ldap/directory-find.test.ts'],
  },
  {
    name: 'who came is left out by a term that the server does not understand',
    file: 'src/ldap/expansion/exclusion.ts',
    from: 'return understood === before;',
    to: 'return true;',
    tests: ['test/ldap/directory-limits-parts.test.ts'],
  },
  {
    name: 'who came is left out by what others may have as well',
    file: 'src/ldap/expansion/exclusion.ts',
    from: 'return left.map(({ dn }) => ({ attribute, text: dn, exact: true }));',
    to: `return left.map(({ dn, values: [[value] = []] = [] }) =>
      value ? { attribute: 'uid', text: value, exact: true } : { attribute, text: dn, exact: true },
    );`,
    tests: ['test/ldap/directory-limits-parts.test.ts'],
  },
  {
    name: 'whoever hides what a branch is read by is not missed',
    file: 'src/ldap/expansion/lone-branch.ts',
    from: 'yield* this.#look.read(search);',
    to: '',
    tests: ['test/ldap/directory-limits-slapd.test.ts'],
  },
];
