import { count, elapsed, plural, printable } from '../terminal.ts';
import { adviceOn, limitText } from './advice.ts';
import { ESTIMATED_PEOPLE, type Estimate } from './estimate.ts';
import { boundAs, namingContextOf } from './json.ts';
import type { Told } from './told.ts';

/** Widest label, and the space behind it. */
const LABEL = 18;

/** `orgwalk check` in plain words. */
export function checkText(told: Told): string {
  const lines = [
    ...[serverLines, tlsLines, peopleLines, limitLines, searchLines, costLines].flatMap((tell) =>
      tell(told),
    ),
  ].map(([label, text]) => `${label.padEnd(LABEL)}${printable(text)}`);
  const advice = adviceOn(told).flatMap(({ problem, try: hint }) => [
    '',
    `Problem: ${printable(problem)}`,
    `Try: ${hint}`,
  ]);
  const end = advice.length === 0 ? ['', 'Nothing stands in the way of a crawl.'] : advice;
  return `${[...lines, ...end].join('\n')}\n`;
}

type Line = readonly [label: string, text: string];

function serverLines(told: Told): readonly Line[] {
  const { profile, server } = told.result;
  const version = profile.traits['version'];
  return [
    ['Server', `${profile.vendor}${version ? ` (${version})` : ''} at ${server.url}`],
    ['Naming context', namingContextOf(told)],
    ['Bound as', boundAs(told) ?? 'nobody (anonymous)'],
  ];
}

function tlsLines({ result: { server }, daysLeft }: Told): readonly Line[] {
  const { tls } = server;
  if (tls === null) return [['TLS', 'none']];
  const { protocol, names, issuer, validTo } = tls;
  const ends = validTo.toISOString().slice(0, 10);
  return [
    ['TLS', `${protocol}, certificate for ${names.join(', ')}`],
    ['', `issued by ${issuer}, until ${ends} (${plural(daysLeft ?? 0, 'day')})`],
  ];
}

function peopleLines({ result: { profile, survey, roots } }: Told): readonly Line[] {
  const { sample, rootsWithReports } = survey;
  const empty = Object.entries(sample.emptyColumns).map(
    ([column, names]) => `${column} (${names.join(', ')})`,
  );
  return [
    ['Base', profile.base],
    ['People', profile.filter],
    ...roots.map(({ dn }, n): Line => {
      return [n === 0 ? 'Roots' : '', `${dn}: ${reportsText(rootsWithReports[n])}`];
    }),
    [
      'Identity',
      `${profile.idAttribute}: ${count(sample.withId)} of ${plural(sample.people, 'person', 'people')} seen have it`,
    ],
    [
      'Columns',
      empty.length === 0
        ? 'each has a value with somebody'
        : `without any value: ${empty.join(', ')}`,
    ],
  ];
}

function reportsText(hasReports: boolean | null | undefined): string {
  if (hasReports === undefined) return 'readable';
  if (hasReports === null) return 'readable; whether it has reports could not be told';
  return hasReports ? 'readable, with reports' : 'readable, without reports';
}

function limitLines({ result: { survey } }: Told): readonly Line[] {
  return [
    ['Paging', pagingText(survey.paging)],
    ['Size limit', limitText(survey.size)],
  ];
}

function pagingText({
  offered,
  answer,
  resultCode,
  largestPage,
}: Told['result']['survey']['paging']): string {
  const said = offered ? 'offered' : 'not offered';
  switch (answer) {
    case 'accepted':
      return `${said} and accepted, up to ${plural(largestPage ?? 0, 'entry', 'entries')} to a page`;
    case 'ignored':
      return `${said}, but ignored: pages come unasked, or everything at once`;
    case 'refused':
      return `${said}${offered ? ', but refused' : ''} (${resultCode})`;
    default:
      return answer satisfies never;
  }
}

function searchLines({ result: { survey }, config }: Told): readonly Line[] {
  const { searchMs, readMs, seemsUnindexed } = survey.managerSearch;
  const took = searchMs === null ? 'did not end well' : ms(searchMs);
  const index = seemsUnindexed ? '; it seems to have no index' : '';
  return [
    [
      'Manager search',
      `by ${config.managerAttribute} ${took}, reading an entry ${ms(readMs)}${index}`,
    ],
    [
      'Leaves',
      survey.leavesShow
        ? 'told by the server: they cost no search'
        : 'not told: everybody is asked about',
    ],
  ];
}

function costLines({ estimate, inAll, config, result }: Told): readonly Line[] {
  const rate = config.rate === 0 ? 'without a limit' : `at ${count(config.rate)} requests/s`;
  return [
    ['Cost', `about ${costText(estimate)} for ${count(ESTIMATED_PEOPLE)} people, ${rate}`],
    ...(inAll === null
      ? []
      : ([
          [
            '',
            `about ${costText(inAll)} for the ${count(inAll.employees)} that the last crawl found`,
          ],
        ] as const)),
    ['This check', plural(result.requests, 'request')],
  ];
}

function costText({ searches, seconds }: Estimate): string {
  return `${plural(searches, 'search', 'searches')}, ${elapsed(seconds)}`;
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
