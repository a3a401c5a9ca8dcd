// Organisations as the chart's file holds them, without a database.
import {
  CHART_COLUMNS,
  type ChartColumn,
  type ChartColumnName,
  type ChartData,
} from '../../src/domain/chart.ts';

export interface Someone extends Partial<Readonly<Record<ChartColumnName, string>>> {
  readonly name: string;
  readonly disabled?: boolean;
  readonly reports?: readonly Someone[];
}

export function organisation(tops: readonly Someone[], more: Partial<ChartData> = {}): ChartData {
  const rows: (readonly [Someone, number])[] = [];
  const add = (one: Someone, level: number) => {
    rows.push([one, level]);
    for (const report of one.reports ?? []) add(report, level + 1);
  };
  for (const one of tops) add(one, 0);
  const columns = CHART_COLUMNS.map((name) => {
    const column: ChartColumn = { values: rows.map(([one]) => one[name] ?? '') };
    return [name, column] as const;
  });
  return {
    title: tops[0]?.name ?? '',
    run: 7,
    publishedAt: '2026-11-23T01:02:03.456Z',
    above: [],
    levels: rows.map(([, level]) => level),
    columns: Object.fromEntries(columns) as ChartData['columns'],
    disabled: rows.flatMap(([{ disabled }], row) => (disabled ? [row] : [])),
    direct: [],
    changes: null,
    ...more,
  };
}

/** Ada above Bert, Cleo and Dörte; Bert above Emil and Fritz, Emil above Gül. */
export const SMALL = organisation(
  [
    {
      ...{ name: 'Ada King', title: 'Chief', department: 'Office' },
      reports: [
        {
          name: 'Bert Wójcik',
          title: 'Head of Research',
          department: 'Research',
          reports: [
            {
              ...{ name: 'Emil Ødegård', title: 'Architect', department: 'Research' },
              ...{ email: 'emil@example.com', phone: '+49 (0)30 123-45', location: 'Berlin' },
              reports: [{ name: 'Gül Şahin', department: 'Research' }],
            },
            { name: 'Fritz Groß', disabled: true },
          ],
        },
        { name: 'Cleo Łuczak', title: 'Head of Sales', department: 'Sales' },
        { name: 'Dörte Æsop' },
      ],
    },
  ],
  {
    changes: {
      counts: { joined: 1, left: 1, detached: 0, returned: 0, moved: 1, changed: 1 },
      list: [
        ['joined', 3, 'Gül Şahin', [['manager', '', 'Emil Ødegård']]],
        ['left', -1, 'Hans Vogel', [['manager', 'Ada King', '']]],
        ['moved', 2, 'Emil Ødegård', [['manager', 'Cleo Łuczak', 'Bert Wójcik']]],
        ['changed', 2, 'Emil Ødegård', [['title', 'Engineer', 'Architect'], ['dn']]],
      ],
    },
  },
);

/** A top with one team of `wide` people, and as many teams of teams as `people` need. */
export function large(people: number, wide: number): ChartData {
  let number = 0;
  const one = (reports: readonly Someone[] = []): Someone => {
    number += 1;
    return {
      name: `Person ${number}`,
      title: 'Engineer',
      department: `Unit ${number % 12}`,
      reports,
    };
  };
  const team = (size: number) => Array.from({ length: size }, () => one());
  const teams: Someone[] = [one(team(wide))];
  while (number < people) teams.push(one(Array.from({ length: 30 }, () => one(team(30)))));
  return organisation([{ name: 'The Top', reports: teams }]);
}
