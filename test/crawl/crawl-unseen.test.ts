// Nobody leaves by silence: what becomes of those whom a crawl has not seen.
import { describe, expect, it } from 'vitest';
import { Interrupted, SearchFailure } from '../../src/domain/errors.ts';
import { type Company, dnOf, type Person, person } from './company.ts';
import { type CrawledDatabase, type CrawlSetup, withDatabase } from './crawls.ts';

/** Below p0: p1 with y, p2 with a and b. c and d are below a. */
const FIRST: Company = {
  roots: ['p0'],
  people: [
    person('p0', []),
    ...['p1', 'p2'].map((id) => person(id, ['p0'])),
    ...['a', 'b'].map((id) => person(id, ['p2'])),
    ...['c', 'd'].map((id) => person(id, ['a'])),
    person('y', ['p1']),
  ],
};
const EVERYONE = FIRST.people.map(({ id }) => id).toSorted();
const NOTHING = { joined: 0, left: 0, detached: 0, returned: 0, moved: 0, changed: 0 };

/** With those people as they are given, and without those of whom there is only an id. */
function but(company: Company, ...those: readonly (Person | string)[]): Company {
  const ids = new Set(those.map((each) => (typeof each === 'string' ? each : each.id)));
  const others = company.people.filter(({ id }) => !ids.has(id));
  return { ...company, people: [...others, ...those.filter((each) => typeof each !== 'string')] };
}

interface Night {
  readonly counted: Readonly<Record<string, unknown>>;
  /** Who was looked up by id, in the order of the questions: a manager before the reports who are missing there. */
  readonly asked: readonly string[];
  readonly ids: readonly unknown[];
  readonly status: string;
}

async function night(
  database: CrawledDatabase,
  company: Company,
  setup: CrawlSetup = {},
): Promise<Night> {
  const asked: string[] = [];
  const find = (id: string) => {
    asked.push(id);
    setup.find?.(id);
  };
  const { published } = await database.crawl(company, { maxDrop: 1, ...setup, find });
  const { joined, left, detached, returned, moved, changed, status } = published;
  const ids = database.column('SELECT id FROM employees ORDER BY id');
  return { counted: { joined, left, detached, returned, moved, changed }, asked, ids, status };
}

/** A second night after a first one of FIRST. */
function afterFirst<T>(use: (database: CrawledDatabase) => Promise<T>): Promise<T> {
  return withDatabase(async (database) => {
    await database.crawl(FIRST);
    return use(database);
  });
}

/** A directory that changes when the branch of p1 has been read, and that of p2 has not. */
function changing(company: Company): CrawlSetup {
  const read = new Set<string>();
  return {
    batch: 1,
    search: (ids) => {
      for (const id of ids) read.add(id);
    },
    become: () => {
      if (read.has('p2') && !read.has('p1')) throw new Error('p2 was read before p1');
      return read.has('p2') ? company : undefined;
    },
  };
}

const denied = new SearchFailure('fail', 'denied', 'no', { resultCode: 50 });
const findings = (database: CrawledDatabase) =>
  database.column("SELECT employee_id FROM findings WHERE kind = 'detached' ORDER BY 1");

describe('somebody who moved while the crawl ran, from a branch not read yet to one that was', () => {
  it('is taken in with everyone below, of whom nobody is asked for', async () => {
    await afterFirst(async (database) => {
      const after = but(FIRST, person('a', ['p1']));
      const { counted, asked, ids } = await night(database, FIRST, changing(after));
      expect({ counted, asked }).toEqual({ counted: { ...NOTHING, moved: 1 }, asked: ['p2', 'a'] });
      expect(ids).toEqual(EVERYONE);
    });
  });

  it.each([1, 2, 3])('below %i new managers is taken in with them', async (steps) => {
    const chain = Array.from({ length: steps }, (_, i) =>
      person(`n${i}`, [i + 1 < steps ? `n${i + 1}` : 'p1']),
    );
    await afterFirst(async (database) => {
      const after = but(FIRST, person('a', ['n0']), ...chain);
      const { counted, ids } = await night(database, FIRST, changing(after));
      expect(counted).toEqual({ ...NOTHING, joined: steps, moved: 1 });
      expect(ids).toEqual([...EVERYONE, ...chain.map(({ id }) => id)].toSorted());
    });
  });

  it('below new managers who lead in a circle is detached, and the crawl ends', async () => {
    await afterFirst(async (database) => {
      const circle = [person('n0', ['n1']), person('n1', ['n2', 'n1']), person('n2', ['n0'])];
      const after = but(FIRST, person('a', ['n0']), ...circle);
      const { counted, ids } = await night(database, FIRST, changing(after));
      expect(counted).toEqual({ ...NOTHING, detached: 3 });
      expect(ids).toEqual(['b', 'p0', 'p1', 'p2', 'y']);
    });
  });

  it('is taken in where the manager is named in a way that only the server understands', async () => {
    await afterFirst(async (database) => {
      const after = {
        ...but(FIRST, person('a', [], { managers: ['cn=the second'] })),
        aliases: { 'cn=the second': 'p1' },
      };
      const { counted, ids } = await night(database, FIRST, changing(after));
      expect(counted).toEqual({ ...NOTHING, moved: 1 });
      expect(ids).toEqual(EVERYONE);
    });
  });

  it('is taken in where a new manager names theirs in such a way', async () => {
    await afterFirst(async (database) => {
      const lead = person('n0', [], { managers: ['cn=the first'] });
      const after = { ...but(FIRST, person('a', ['n0']), lead), aliases: { 'cn=the first': 'p1' } };
      const { counted } = await night(database, FIRST, changing(after));
      expect(counted).toEqual({ ...NOTHING, joined: 1, moved: 1 });
    });
  });

  it('is below nobody, where a lead is their own manager', async () => {
    await afterFirst(async (database) => {
      const after = but(FIRST, person('a', ['n0', 'a']), person('n0', ['n0']));
      const { counted } = await night(database, FIRST, changing(after));
      expect(counted).toEqual({ ...NOTHING, detached: 3 });
    });
  });
});

describe('a manager who is deleted', () => {
  it('leaves, and those who were re-assigned have moved', async () => {
    await afterFirst(async (database) => {
      const after = but(FIRST, 'p2', person('a', ['p1']), person('b', ['p0']));
      const { counted, asked } = await night(database, after);
      expect({ counted, asked }).toEqual({
        counted: { ...NOTHING, left: 1, moved: 2 },
        asked: ['p0', 'p2'],
      });
    });
  });

  it('leaves, and those who name nobody else are detached with all below them', async () => {
    await afterFirst(async (database) => {
      const { counted, asked, ids } = await night(database, but(FIRST, 'p2'));
      expect(counted).toEqual({ ...NOTHING, left: 1, detached: 4 });
      expect(asked.toSorted()).toEqual(['a', 'b', 'c', 'd', 'p0', 'p2']);
      expect(ids).toEqual(['p0', 'p1', 'y']);
      expect(findings(database)).toEqual(['a', 'b', 'c', 'd']);
    });
  });

  it('leaves with everyone who is deleted with them', async () => {
    await afterFirst(async (database) => {
      const { counted } = await night(database, but(FIRST, 'a', 'c', 'd'));
      expect(counted).toEqual({ ...NOTHING, left: 3 });
      expect(findings(database)).toEqual([]);
    });
  });
});

describe('somebody who is detached', () => {
  const unlinked = but(FIRST, person('a', []));

  it('stays listed until the entry is gone, and returns as who they were', async () => {
    await afterFirst(async (database) => {
      expect((await night(database, unlinked)).counted).toEqual({ ...NOTHING, detached: 3 });
      expect((await night(database, unlinked)).counted).toEqual(NOTHING);
      expect(findings(database)).toEqual(['a', 'c', 'd']);
      expect((await night(database, but(unlinked, 'c'))).counted).toEqual(NOTHING);
      expect(findings(database)).toEqual(['a', 'd']);
      const { counted } = await night(database, but(FIRST, 'c'));
      expect(counted).toEqual({ ...NOTHING, returned: 2 });
      expect(findings(database)).toEqual([]);
      const first = database.column('SELECT started_at FROM runs WHERE id = 1');
      expect(database.column('SELECT DISTINCT first_seen_at FROM employees')).toEqual(first);
    });
  });

  it('is told with the run in which that was, and since when it is known', async () => {
    await afterFirst(async (database) => {
      await night(database, unlinked);
      await night(database, unlinked);
      const told = database.read(
        `SELECT DISTINCT c.run_id, c.kind, f.first_seen_at = r.started_at AS since
         FROM changes AS c JOIN runs AS r ON r.id = c.run_id JOIN findings AS f USING (employee_id)`,
      );
      expect(told).toEqual([{ run_id: 2, kind: 'detached', since: 1 }]);
    });
  });

  it('stays as they were while a branch fails: the manager may be below it', async () => {
    await afterFirst(async (database) => {
      const search = (ids: readonly string[]) => {
        if (ids.includes('p1')) throw denied;
      };
      const { counted, ids } = await night(database, unlinked, { search });
      expect(counted).toEqual(NOTHING);
      expect(ids).toEqual(EVERYONE);
      expect((await night(database, unlinked)).counted).toEqual({ ...NOTHING, detached: 3 });
    });
  });
});

describe('whoever was below a branch that failed', () => {
  it('stays as they were, and is not asked for', async () => {
    await afterFirst(async (database) => {
      const search = (ids: readonly string[]) => {
        if (ids.includes('p2')) throw denied;
      };
      const { counted, asked, ids } = await night(database, but(FIRST, 'c'), { search });
      expect({ counted, asked, ids }).toEqual({ counted: NOTHING, asked: [], ids: EVERYONE });
    });
  });
});

describe('somebody of whom nothing can be told', () => {
  const gone = but(FIRST, 'b', 'y');
  const unanswered = (id: string) => {
    if (id === 'b') throw denied;
  };

  it('stays, listed among the failures; others leave; the next night asks again', async () => {
    await afterFirst(async (database) => {
      const first = await night(database, gone, { find: unanswered });
      expect([first.status, first.counted]).toEqual(['partial', { ...NOTHING, left: 1 }]);
      expect(database.read('SELECT employee_id, reason, result_code FROM failures')).toEqual([
        { employee_id: 'b', reason: 'denied', result_code: 50 },
      ]);
      expect(database.column("SELECT manager_id FROM employees WHERE id = 'b'")).toEqual(['p2']);
      const second = await night(database, gone);
      expect([second.status, second.counted]).toEqual(['published', { ...NOTHING, left: 1 }]);
      expect(second.asked).toEqual(['p2', 'b']);
    });
  });

  it('is asked for again by a run that reads only what failed', async () => {
    await afterFirst(async (database) => {
      await night(database, gone, { find: unanswered });
      const { status, counted, asked } = await night(database, gone, { onlyFailed: true });
      expect([status, counted]).toEqual(['published', { ...NOTHING, left: 1 }]);
      expect(asked).toEqual(['b']);
    });
  });

  it('stays where the server finds nobody at all by id', async () => {
    await afterFirst(async (database) => {
      const find = () => {
        throw new SearchFailure('fail', 'unreadable', 'finds nobody');
      };
      const { status, counted, ids } = await night(database, but(FIRST, 'a', 'b', 'c', 'd'), {
        find,
      });
      expect([status, counted, ids]).toEqual(['partial', NOTHING, EVERYONE]);
    });
  });

  it('stays where the way over the manager could not be told', async () => {
    await afterFirst(async (database) => {
      const moved = but(FIRST, person('a', ['n0']), person('n0', []));
      const { status, counted, ids } = await night(database, moved, {
        asked: (value) => {
          if (value === dnOf('n0')) throw denied;
        },
      });
      expect([status, counted, ids]).toEqual(['partial', NOTHING, EVERYONE]);
    });
  });
});

describe('a manager value that names nobody', () => {
  it('is asked about once, whatever interrupts the run', async () => {
    await afterFirst(async (database) => {
      const adrift = but(FIRST, person('a', ['n0']), person('b', ['n1']), person('y', ['n2']));
      const nobody = ['n0', 'n1', 'n2'].map(dnOf);
      const questions: string[] = [];
      const asked = (value: string) => {
        if (!nobody.includes(value)) return;
        questions.push(value);
        if (questions.length === nobody.length) throw new Interrupted('SIGTERM', 'stopped');
      };
      await expect(night(database, adrift, { asked })).rejects.toThrow(Interrupted);
      const { counted } = await night(database, adrift, { asked });
      expect(counted).toMatchObject({ detached: 5, left: 0 });
      // But for the one that was not answered.
      expect(questions.toSorted()).toEqual([...nobody, questions[2]].toSorted());
    });
  });
});

describe('a crawl that is stopped at any question about somebody unseen', () => {
  /** Everything at once: moved below new managers, deleted, unlinked, on the way over an alias. */
  const after: Company = {
    ...but(
      FIRST,
      ...['y', person('a', ['n0']), person('n0', ['n1']), person('n1', ['p1'])],
      ...[person('b', []), person('c', ['lost']), person('d', [], { managers: ['cn=the first'] })],
    ),
    aliases: { 'cn=the first': 'p1' },
  };

  it('ends, run again, with the database of an undisturbed one', async () => {
    await afterFirst(async (database) => {
      const whole = database.copy('whole.db');
      const { counted } = await night(whole, after);
      expect(counted).toMatchObject({ left: 1, detached: 2, joined: 2 });
      for (let k = 1; ; k += 1) {
        const stop = new AbortController();
        let left = k;
        const reached = () => {
          left -= 1;
          if (left === 0) stop.abort(new Interrupted('SIGTERM', 'stopped'));
        };
        const copy = database.copy(`${k}.db`);
        const questions = { find: reached, asked: reached, signal: stop.signal };
        const error = await night(copy, after, questions).catch((thrown: unknown) => thrown);
        if (left > 0) return expect(k).toBeGreaterThan(5);
        expect(error).toBeInstanceOf(Interrupted);
        await night(copy, after);
        expect([k, copy.digest()]).toEqual([k, whole.digest()]);
      }
    });
  });
});

describe('somebody who goes by DN', () => {
  const nameless = but(FIRST, person('y', ['p1'], { shows: null }));

  it('leaves when nobody is there, and is detached when the entry names no manager', async () => {
    await withDatabase(async (database) => {
      await database.crawl(nameless);
      const unlinked = await night(database, but(FIRST, person('y', [], { shows: null })));
      expect(unlinked.counted).toEqual({ ...NOTHING, detached: 1 });
      expect((await night(database, nameless)).counted).toEqual({ ...NOTHING, returned: 1 });
      expect((await night(database, but(FIRST, 'y'))).counted).toEqual({ ...NOTHING, left: 1 });
    });
  });
});

describe('many who are gone', () => {
  it('are asked for by fifty to a search, after their manager', async () => {
    const many = Array.from({ length: 120 }, (_, i) => person(`m${i}`, ['p1']));
    await withDatabase(async (database) => {
      await database.crawl(but(FIRST, ...many));
      await night(database, FIRST);
      await night(database, FIRST);
      const [first = 0, second = 0] = database.column<number>(
        'SELECT searches FROM runs WHERE id > 1',
      );
      expect(first - second).toBe(1 + 3);
    });
  });
});
