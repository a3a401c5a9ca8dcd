// Active Directory: who has no reports is told by the entries themselves, and so is who has.
import { describe, expect, it } from 'vitest';
import { Silence } from '../../src/simulate/faults.ts';
import type { StaticDirectory } from '../../src/simulate/organisation.ts';
import { SUFFIX } from '../simulate/servers.ts';
import {
  crawlInto,
  type Databases,
  rows,
  type WiredOptions,
  withDatabases,
} from '../survival/wired.ts';
import {
  type AdOptions,
  type AdServer,
  dnOf,
  domainOf,
  EVERYBODY,
  smallDomain,
  UNINDEXED,
  user,
  uuidOf,
  withDomain,
} from './active-directories.ts';

const OPTIONS: WiredOptions = { roots: [dnOf('ceo')], filter: undefined, pageSize: 500 };

interface Crawled extends Pick<AdServer, 'searches'> {
  readonly names: readonly string[];
  readonly notices: readonly string[];
  readonly db: string;
}

/** Crawls `directory` into a new database, or `db`. */
async function crawled(
  databases: Databases,
  directory: StaticDirectory,
  how: AdOptions = {},
  { db = databases.next(), ...options }: WiredOptions & { db?: string } = {},
): Promise<Crawled> {
  return withDomain(directory, how, async ({ url, clock, searches }) => {
    const notices: string[] = [];
    const observe = { notice: (line: string) => void notices.push(line) };
    await crawlInto(db, url, { ...OPTIONS, clock, observe, ...options });
    return { names: namesIn(db), notices, db, searches };
  });
}

function namesIn(db: string): readonly string[] {
  const all = rows<{ name: string }>(db, 'SELECT name FROM employees ORDER BY name');
  return all.map(({ name }) => name);
}

/** Whose reports were searched for. */
function searchedFor({ searches }: Pick<AdServer, 'searches'>): readonly string[] {
  const names = searches.flatMap(({ managers }) =>
    managers.map((dn) => dn.replace(/^CN=|,.*$/g, '')),
  );
  return [...new Set(names)].filter((name) => !/^dc=/i.test(name)).sort();
}

describe('an Active Directory', () => {
  it('has persons and contacts, disabled ones too, and no computers', async () => {
    await withDatabases(async (databases) => {
      const { names, db } = await crawled(databases, smallDomain());
      expect(names).toEqual(EVERYBODY);
      const [gone] = rows(db, "SELECT id, username, active FROM employees WHERE name = 'gone'");
      expect(gone).toEqual({ id: uuidOf('gone'), username: 'gone-account', active: 0 });
    });
  });

  it('lets leaves cost no search', async () => {
    await withDatabases(async (databases) => {
      const { searches } = await crawled(databases, smallDomain());
      expect(searchedFor({ searches })).toEqual(['a', 'b', 'ceo', 'gone']);
    });
  });

  it('asks about everybody where the link is another one', async () => {
    await withDatabases(async (databases) => {
      const { searches, names } = await crawled(
        databases,
        smallDomain(),
        {},
        { managerAttribute: 'Manager', managerValue: 'distinguishedName' },
      );
      expect(names).toEqual(EVERYBODY);
      expect(searchedFor({ searches })).toEqual(EVERYBODY);
    });
  });

  it('asks about everybody, and says so, where directReports may not be read', async () => {
    await withDatabases(async (databases) => {
      const { names, notices, searches } = await crawled(databases, smallDomain(), {
        hidesReports: () => true,
      });
      expect(names).toEqual(EVERYBODY);
      expect(searchedFor({ searches })).toEqual(EVERYBODY);
      expect(notices.join()).toMatch('may not read directReports');
    });
  });

  it('asks about everybody where directReports of a root may not be read', async () => {
    await withDatabases(async (databases) => {
      const hidesReports = (dn: string) => dn === dnOf('ceo');
      const { names, searches } = await crawled(databases, smallDomain(), { hidesReports });
      expect(names).toEqual(EVERYBODY);
      expect(searchedFor({ searches })).toEqual(EVERYBODY);
    });
  });

  it.each([true, false])(
    'asks about whoever is in a container where directReports may not be read (indexed: %s)',
    async (managerIndexed) => {
      await withDatabases(async (databases) => {
        const hidesReports = (dn: string) => dn.includes('OU=sales');
        const { names, searches } = await crawled(databases, smallDomain(), {
          managerIndexed,
          hidesReports,
        });
        expect(names).toEqual(EVERYBODY);
        expect(searchedFor({ searches })).toContain('gone1');
        expect(searchedFor({ searches })).not.toContain('a1');
      });
    },
  );

  it('costs nothing to settle manager values: they are links', async () => {
    await withDatabases(async (databases) => {
      const { searches } = await crawled(databases, smallDomain());
      const single = searches.filter(
        ({ scope, base }) => scope === 'base' && base.startsWith('CN='),
      );
      expect(single.map(({ base }) => base)).toEqual([dnOf('ceo')]);
    });
  });

  it('sends pages of its own size where larger ones are asked for', async () => {
    await withDatabases(async (databases) => {
      const many = domainOf(
        user('ceo', 'ceo'),
        ...Array.from({ length: 25 }, (_, n) => user(`r${n}`, 'ceo')),
      );
      const { names } = await crawled(
        databases,
        many,
        { server: { maxPageSize: 10 } },
        { pageSize: 5_000 },
      );
      expect(names).toHaveLength(26);
    });
  });
});

describe('where a search by manager looks through everybody', () => {
  it('the same people are found, and nobody is searched by manager', async () => {
    await withDatabases(async (databases) => {
      const { names, searches, notices } = await crawled(databases, smallDomain(), UNINDEXED);
      expect(names).toEqual(EVERYBODY);
      expect(searchedFor({ searches })).toEqual([]);
      expect(notices).toEqual([expect.stringMatching('read from directReports instead')]);
    });
  });

  it('the database is that of a crawl by searches', async () => {
    await withDatabases(async (databases) => {
      const by = (how: AdOptions) =>
        databases.digestOf((db) => crawled(databases, smallDomain(), how, { db }));
      expect(await by(UNINDEXED)).toBe(await by({}));
    });
  });

  it('everybody is searched all the same where directReports may not be read', async () => {
    await withDatabases(async (databases) => {
      const { names, notices } = await crawled(databases, smallDomain(), {
        ...UNINDEXED,
        hidesReports: () => true,
      });
      expect(names).toEqual(EVERYBODY);
      expect(notices.join()).toMatch(
        'may not read directReports: everybody is asked about; a search by manager looks',
      );
    });
  });

  it('a search that never ends is such a search', async () => {
    await withDatabases(async (databases) => {
      const faults = [new Silence({ manager: SUFFIX })];
      const options = { requestTimeoutMs: 150 };
      const how = { server: { faults } };
      const { names, notices } = await crawled(databases, smallDomain(), how, options);
      expect(names).toEqual(EVERYBODY);
      expect(notices).toEqual([expect.stringMatching('read from directReports instead')]);
    });
  });

  it('an account that may not read some lists is told that people may be missing', async () => {
    await withDatabases(async (databases) => {
      const db = databases.next();
      await crawled(databases, smallDomain(), UNINDEXED, { db });
      const hidesReports = (dn: string) => dn === dnOf('a');
      const how = { ...UNINDEXED, hidesReports };
      const { names, notices } = await crawled(databases, smallDomain(), how, { db });
      expect(names).toEqual(EVERYBODY);
      expect(notices.join()).toMatch('people below others like them may be missing');
    });
  });

  it('batches of entries become smaller at a limit', async () => {
    await withDatabases(async (databases) => {
      const many = domainOf(
        user('ceo', 'ceo'),
        ...Array.from({ length: 30 }, (_, n) => user(`r${n}`, 'ceo')),
      );
      const { names } = await crawled(databases, many, { ...UNINDEXED, server: { sizeLimit: 4 } });
      expect(names).toHaveLength(31);
    });
  });
});
