import { adviceOn } from './advice.ts';
import { ESTIMATED_PEOPLE, type Estimate } from './estimate.ts';
import type { Told } from './told.ts';

/** `orgwalk check --json`: people script against these fields. Times are in ms where the name says so, else in seconds. */
export function checkJson(told: Told): Readonly<Record<string, unknown>> {
  const { result, config, daysLeft, inAll } = told;
  const { profile, survey, server, roots, requests } = result;
  const { vendor, base, idAttribute, filter, traits } = profile;
  const { tls } = server;
  return {
    server: { url: server.url, vendor, version: traits['version'] ?? null },
    namingContext: namingContextOf(told),
    base,
    filter,
    boundAs: boundAs(told),
    tls: tls === null ? null : { ...tls, validTo: tls.validTo.toISOString(), daysLeft },
    paging: survey.paging,
    sizeLimit: survey.size,
    managerSearch: {
      attribute: config.managerAttribute,
      searchMs:
        survey.managerSearch.searchMs === null ? null : rounded(survey.managerSearch.searchMs),
      readMs: rounded(survey.managerSearch.readMs),
      seemsUnindexed: survey.managerSearch.seemsUnindexed,
    },
    idAttribute,
    leavesShow: survey.leavesShow,
    roots: roots.map(({ id, dn }, n) => ({
      id,
      dn,
      hasReports: survey.rootsWithReports[n] ?? null,
    })),
    sample: survey.sample,
    estimate: {
      perTenThousand: { employees: ESTIMATED_PEOPLE, ...estimateJson(told.estimate) },
      inAll: inAll === null ? null : { employees: inAll.employees, ...estimateJson(inAll) },
    },
    requests,
    problems: adviceOn(told),
  };
}

/** On Active Directory, the source is known by the GUID of its domain. */
export function namingContextOf({ result: { profile } }: Told): string {
  return profile.formerKey ?? profile.key;
}

/** Null: anonymous. */
export function boundAs({ config }: Told): string | null {
  if (config.bindDn !== undefined) return config.bindDn;
  return config.certFile === undefined ? null : 'the client certificate (EXTERNAL)';
}

function estimateJson({ searches, seconds }: Estimate) {
  return { searches, seconds: rounded(seconds) };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
