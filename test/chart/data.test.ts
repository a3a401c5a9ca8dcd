import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Forest } from '../../src/chart/forest.ts';
import { hueOf, initials, mailLink, phoneLink, shown, spoken } from '../../src/chart/text.ts';
import { UsageError } from '../../src/domain/errors.ts';
import { chartData, MOST_PEOPLE } from '../../src/report/chart-data.ts';
import { chartPage, escapeHtml, inScript } from '../../src/report/chart-page.ts';
import { Reader } from '../../src/store/reader.ts';
import { type Company, person } from '../crawl/company.ts';
import { type CrawledDatabase, withDatabase } from '../crawl/crawls.ts';
import { SMALL } from './organisations.ts';

const BEFORE: Company = {
  roots: ['ada'],
  people: [
    person('ada', []),
    person('bert', ['ada'], { title: 'Engineer' }),
    person('cleo', ['ada']),
    person('dora', ['bert']),
    person('emil', ['bert', 'cleo']),
    person('fritz', ['cleo']),
  ],
};

/** Bert is promoted, Dora moves to Cleo, Fritz leaves, Gina joins below Dora. */
const AFTER: Company = {
  roots: ['ada'],
  people: [
    person('ada', []),
    person('bert', ['ada'], { title: 'Architect' }),
    person('cleo', ['ada']),
    person('dora', ['cleo']),
    person('emil', ['bert', 'cleo']),
    person('gina', ['dora']),
  ],
};

function chartOf(database: CrawledDatabase, who?: string, asOf?: string) {
  using reader = new Reader(database.path, asOf);
  return chartData(reader, who === undefined ? undefined : reader.find(who)[0]);
}

const nameOf = (id: string) => `Name of ${id}`;

describe("the chart's data", () => {
  test('has people in preorder, by primary lines, and direct reports by all lines', async () => {
    await withDatabase(async (database) => {
      await database.crawl(BEFORE);
      const { title, above, levels, columns, direct, changes } = chartOf(database);
      expect(columns.name.values).toEqual(
        ['ada', 'bert', 'dora', 'emil', 'cleo', 'fritz'].map(nameOf),
      );
      expect(levels).toEqual([0, 1, 2, 2, 1, 2]);
      // Emil is drawn below Bert, and Cleo's report as well.
      expect(direct).toEqual([[4, 2]]);
      expect({ title, above, changes }).toEqual({ title: nameOf('ada'), above: [], changes: null });
    });
  });

  test('tells what the run changed, with the names of managers', async () => {
    await withDatabase(async (database) => {
      await database.crawl(BEFORE);
      await database.crawl(AFTER);
      const { columns, changes, run } = chartOf(database);
      const rowOf = (id: string) => columns.name.values.indexOf(nameOf(id));
      expect(run).toBe(2);
      expect(changes?.counts).toMatchObject({ joined: 1, left: 1, moved: 1, changed: 1 });
      expect(changes?.list).toEqual([
        ['joined', rowOf('gina'), nameOf('gina'), [['manager', '', nameOf('dora')]]],
        ['left', -1, nameOf('fritz'), [['manager', nameOf('cleo'), '']]],
        ['moved', rowOf('dora'), nameOf('dora'), [['manager', nameOf('bert'), nameOf('cleo')]]],
        ['changed', rowOf('bert'), nameOf('bert'), [['title', 'Engineer', 'Architect']]],
      ]);
    });
  });

  test('is of the state asked for, of one person with those above by name, and of a run that is held', async () => {
    await withDatabase(async (database) => {
      await database.crawl(BEFORE);
      await database.crawl(AFTER);
      await database.crawl(BEFORE, { dryRun: true });
      const first = chartOf(database, undefined, '1');
      expect(first.columns.name.values).toContain(nameOf('fritz'));
      const under = chartOf(database, 'dora');
      expect(under).toMatchObject({ levels: [0, 1], above: [nameOf('ada'), nameOf('cleo')] });
      // Fritz left, but not from among these.
      expect(under.changes?.list.map(([kind]) => kind)).toEqual(['joined', 'moved']);
      const held = chartOf(database, undefined, '3');
      expect(held).toMatchObject({ run: 3, publishedAt: null });
      expect(held.changes?.counts).toMatchObject({ left: 1, returned: 1, moved: 1, changed: 1 });
    });
  });

  test('of more people than a browser bears is refused before they are read', async () => {
    await withDatabase(async (database) => {
      await database.crawl(BEFORE);
      const sqlite = new Database(database.path);
      sqlite.exec(`UPDATE _place SET total_reports = ${MOST_PEOPLE} WHERE depth = 0`);
      sqlite.close();
      expect(() => chartOf(database)).toThrow(UsageError);
      expect(() => chartOf(database)).toThrow('the chart would hold 200,001 people');
      expect(chartOf(database, 'bert').levels.length).toBe(3);
    });
  });
});

describe('the policy of the page', () => {
  test('names its script and its style by their hashes, and allows nothing else', () => {
    const frontEnd = { script: 'run()', style: '* { margin: 0 }' };
    const page = [...chartPage(SMALL, frontEnd)].join('');
    const hashOf = (tag: string) => {
      const text = new RegExp(`<${tag}>(.*)</${tag}>`, 's').exec(page)?.[1] ?? '';
      return `sha256-${createHash('sha256').update(text).digest('base64')}`;
    };
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
    expect(policy?.split('; ')).toEqual([
      "default-src 'none'",
      `script-src '${hashOf('script')}'`,
      `style-src '${hashOf('style')}'`,
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });
});

describe('text of the directory', () => {
  test('ends no script and begins none, whatever it is, and is the same afterwards', () => {
    const hostile = fc.constantFrom(
      '<',
      '>',
      '&',
      '</script',
      '<!--',
      '\u2028',
      '\ud800',
      '\0',
      '"',
    );
    const texts = fc.array(fc.oneof(hostile, fc.string())).map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, (text) => {
        const written = inScript({ [text]: text });
        expect(written).not.toMatch(/[<>&\u2028\u2029]/);
        expect(JSON.parse(written)).toEqual({ [text]: text });
        expect(escapeHtml(text)).not.toMatch(/[<>"'\0]|&(?!#\d+;)/);
      }),
      { numRuns: 200 },
    );
  });

  test('that has no shape is given one, and that turns the direction is not spoken', () => {
    expect(shown('Two\nLines\u0000\u007f\u2028')).toBe('Two␊Lines␀␡\ufffd');
    expect(shown('x'.repeat(10_000))).toHaveLength(301);
    expect(spoken('Evil \u202egnp.exe')).toBe('Evil gnp.exe');
    expect(['Ada King', 'ada', '🦄 Unicorn', '', 'Änne von Neu'].map(initials)).toEqual([
      ...['AK', 'A', 'U', '', 'ÄN'],
    ]);
    expect(hueOf('Research')).toBe(hueOf('Research'));
  });

  test('is a link only where it is one mail address or one number', () => {
    expect(mailLink('ada.king+org@example.com')).toBe('mailto:ada.king%2Borg@example.com');
    const bad = [
      'ada',
      'a@b@c',
      'a@b.c?bcc=x@y.z',
      'a@b,c@d',
      'javascript:x@y.z',
      'a@b\n',
      'a@<b>',
    ];
    expect(bad.map(mailLink)).toEqual(bad.map(() => undefined));
    expect(phoneLink('+49 (0)30 123-45')).toBe('tel:+493012345');
    expect(phoneLink('030/123.45')).toBe('tel:03012345');
    expect(['', 'extension', '12;ext=3', '+1 <b>', '++1'].map(phoneLink)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });
});

describe('a forest', () => {
  test('knows from levels in preorder whatever the tree knew', () => {
    const forest = new Forest([0, 1, 2, 2, 1, 0, 1]);
    expect([...forest.reportsOf(-1)]).toEqual([0, 5]);
    expect([...forest.reportsOf(0)]).toEqual([1, 4]);
    expect([...forest.reportsOf(1)]).toEqual([2, 3]);
    expect([...forest.reportsOf(6)]).toEqual([]);
    expect([...forest.below]).toEqual([4, 2, 0, 0, 0, 1, 0]);
    expect([...forest.position]).toEqual([0, 0, 0, 1, 1, 1, 0]);
    expect(forest.chainOf(3)).toEqual([0, 1, 3]);
  });
});
