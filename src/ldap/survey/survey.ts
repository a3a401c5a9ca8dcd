import { PROFILE_COLUMNS, type ProfileColumn } from '../../domain/employee.ts';
import type { SourceProfile } from '../../domain/ports.ts';
import type { Asker } from '../asker.ts';
import type { SearchSpec } from '../connection/connection.ts';
import { timeOfManagerSearch } from '../expansion/manager-link.ts';
import { type Mapper, valuesNamed } from '../mapping.ts';
import type { RawEntry } from '../messages/entry.ts';
import { and, equality, type Filter } from '../messages/filters.ts';
import type { Ask } from './ask.ts';
import { judged, type ManagerSearch } from './manager-search.ts';
import { type PagingFacts, pageOf, type SizeFacts, surveyPaging, surveySize } from './paging.ts';

export interface Surveyed {
  readonly asker: Asker;
  readonly profile: SourceProfile;
  readonly mapper: Mapper;
  /** Who is walked. */
  readonly filter: Filter;
  readonly managerAttribute: string;
  readonly roots: readonly SurveyedRoot[];
  /** Whether the entries of managers list their reports, and may be believed. */
  readonly leavesShow: boolean;
}

export interface SurveyedRoot {
  /** What manager values hold to name this person; null: nothing can. */
  readonly link: string | null;
}

/** What a person wants to know of a directory before a crawl of it. */
export interface Survey {
  readonly paging: PagingFacts;
  readonly size: SizeFacts;
  readonly managerSearch: ManagerSearch;
  readonly sample: SampleFacts;
  /** Of each root, whether anybody reports to it; null: it could not be told. */
  readonly rootsWithReports: readonly (boolean | null)[];
  /** Whether the server tells who has no reports: they cost no search. */
  readonly leavesShow: boolean;
}

/** What was seen of some people. */
export interface SampleFacts {
  readonly people: number;
  readonly withId: number;
  readonly withManager: number;
  /** Columns that none of them has a value for, and the attributes that would feed them. */
  readonly emptyColumns: Readonly<Partial<Record<ProfileColumn, readonly string[]>>>;
}

const SLOT = 0;
const SAMPLE = 200;
/** Roots that are looked at closely: each costs a request. */
const MOST_ROOTS = 4;

/** Some twenty requests to a directory that was opened and whose roots were found. Rejects with a `SearchFailure`. */
export async function survey(surveyed: Surveyed, signal: AbortSignal): Promise<Survey> {
  const { asker, profile, mapper, filter, managerAttribute } = surveyed;
  const { base } = profile;
  const everyone: SearchSpec = {
    base,
    scope: 'sub',
    filter,
    attributes: [profile.idAttribute, 'objectClass'],
  };
  const ask: Ask = (differs) => asker.collect({ ...everyone, ...differs }, SLOT, signal);
  const paging = await surveyPaging(ask, profile.paging);
  const size = await surveySize(ask, paging);
  const people = await ask({ ...sampled(paging), attributes: mapper.attributes });
  const managerSearch = judged(await timeOfManagerSearch({ base, filter, managerAttribute }, ask));
  const rootsWithReports = await surveyRoots(ask, surveyed);
  const sample = sampleOf(people.entries, surveyed);
  return { paging, size, managerSearch, sample, rootsWithReports, leavesShow: surveyed.leavesShow };
}

/** In a page where there are pages: Samba keeps no size limit. */
function sampled({ answer }: PagingFacts): Partial<SearchSpec> {
  return answer === 'accepted' ? { page: pageOf(SAMPLE) } : { sizeLimit: SAMPLE };
}

async function surveyRoots(
  ask: Ask,
  { roots, filter, managerAttribute }: Surveyed,
): Promise<readonly (boolean | null)[]> {
  const found: (boolean | null)[] = [];
  for (const { link } of roots.slice(0, MOST_ROOTS)) {
    if (link === null) {
      found.push(null);
      continue;
    }
    const both = and([filter, equality(managerAttribute, link)]);
    const { entries, code } = await ask({ filter: both, sizeLimit: 1 });
    found.push(entries.length > 0 ? true : code === 0 ? false : null);
  }
  return found;
}

function sampleOf(entries: readonly RawEntry[], surveyed: Surveyed): SampleFacts {
  const { mapper, managerAttribute, profile } = surveyed;
  const has = (name: string) => (entry: RawEntry) => valuesNamed(entry.attributes, name).length > 0;
  const empty = PROFILE_COLUMNS.map((column) => [column, profile.mapping[column] ?? []] as const)
    .filter(([, names]) => names.length > 0)
    .filter(([, names]) => !names.some((name) => entries.some(has(name))));
  return {
    people: entries.length,
    withId: entries.filter((entry) => mapper.idOf(entry) !== undefined).length,
    withManager: entries.filter(has(managerAttribute)).length,
    emptyColumns: Object.fromEntries(entries.length === 0 ? [] : empty),
  };
}
