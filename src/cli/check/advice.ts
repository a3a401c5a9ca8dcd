import { isLoopback } from '../../config/rules.ts';
import { parseLdapUrl } from '../../domain/ldap-url.ts';
import { isGlobalCatalogue } from '../../ldap/global-catalogue.ts';
import { LOOKED_FOR } from '../../ldap/survey/paging.ts';
import { count } from '../terminal.ts';
import type { Told } from './told.ts';

/** Something that is wrong, or will be, and what to do about it. */
export interface Advice {
  readonly problem: string;
  readonly try: string;
}

/** Days before a certificate ends at which somebody should know. */
const SOON_DAYS = 30;

type Check = (told: Told) => Advice | false;

const CHECKS: readonly Check[] = [
  ({ otherSource, config }) =>
    otherSource && {
      problem: `the database ${config.db} belongs to another directory`,
      try: 'another file with --db for this directory',
    },
  ({ result: { server } }) =>
    server.tls === null &&
    !isLoopback(parseLdapUrl(server.url)?.host ?? '') && {
      problem: 'the connection is not encrypted',
      try: 'an ldaps:// URL, or --starttls',
    },
  ({ daysLeft }) =>
    daysLeft !== null &&
    daysLeft < SOON_DAYS && {
      problem: `the certificate of the server ends in ${count(daysLeft)} days`,
      try: 'have it renewed: after that no crawl connects any more',
    },
  ({ result: { server }, config }) =>
    isGlobalCatalogue(server.url) && {
      problem: `this is a global catalogue: it has not every attribute, perhaps not ${config.managerAttribute}`,
      try: 'the same server on port 389 or 636 (3268 and 3269 are the global catalogue)',
    },
  ({ result: { survey } }) =>
    survey.rootsWithReports.includes(false) && {
      problem: 'nobody seems to report to a root',
      try: 'check --root and --manager-attribute, and whether the account may read that attribute',
    },
  ({ result: { survey } }) =>
    survey.rootsWithReports.includes(null) && {
      problem: 'it could not be told whether anybody reports to a root',
      try: 'check what the account may read; a crawl would list that root among its failures',
    },
  ({ result: { survey }, config }) =>
    survey.sample.people > 0 &&
    survey.sample.withManager === 0 && {
      problem: `nobody in a sample of ${count(survey.sample.people)} has the attribute ${config.managerAttribute}`,
      try: 'check --manager-attribute, and whether the account may read it',
    },
  ({ result: { survey, profile } }) =>
    survey.sample.withId < survey.sample.people && {
      problem: `${count(survey.sample.people - survey.sample.withId)} of ${count(survey.sample.people)} people came without ${profile.idAttribute}`,
      try: 'let the account read it: without it a person who is renamed seems to leave, and another to join',
    },
  ({ result: { survey } }) =>
    survey.paging.offered &&
    survey.paging.answer !== 'accepted' && {
      problem: `the server offers paging, and ${survey.paging.answer === 'ignored' ? 'ignores' : 'refuses'} it`,
      try: 'ask for it to be allowed to the account (OpenLDAP: limits … size.pr, size.prtotal); a crawl does without, with more searches',
    },
  ({ result: { survey } }) =>
    isLimited(survey.size.ended) &&
    survey.size.pagesPassIt !== true && {
      problem: `one search brings ${count(survey.size.entries)} people at most${survey.size.pagesPassIt === false ? ', all its pages together' : ''}`,
      try: 'ask for a higher limit for the account; a crawl reads larger teams in parts, with more searches',
    },
  ({ result: { survey } }) =>
    survey.managerSearch.seemsUnindexed &&
    !survey.leavesShow && {
      problem:
        'the search by manager seems to have no index: the server looks through everybody each time',
      try: 'an equality index on the manager attribute; until then a low --rate spares the server',
    },
];

export function adviceOn(told: Told): readonly Advice[] {
  return CHECKS.map((check) => check(told)).filter((advice) => advice !== false);
}

function isLimited(ended: Told['result']['survey']['size']['ended']): boolean {
  return ended !== 'unlimited' && ended !== 'everyone';
}

/** As the size limit is told in words. */
export function limitText({
  entries,
  ended,
  pagesPassIt,
}: Told['result']['survey']['size']): string {
  switch (ended) {
    case 'unlimited':
      return `none up to ${count(LOOKED_FOR)}`;
    case 'everyone':
      return `none that matters: ${count(entries)} people are all there are`;
    case 'size':
      return `${count(entries)} entries to a search${pagesText(pagesPassIt)}`;
    case 'time':
      return `the time limit ended it after ${count(entries)} entries`;
    case 'administrative':
      return `an administrative limit ended it after ${count(entries)} entries`;
    case 'other':
      return `not known: the server refused the search after ${count(entries)} entries`;
    default:
      return ended satisfies never;
  }
}

function pagesText(pagesPassIt: boolean | null): string {
  if (pagesPassIt === null) return '';
  return pagesPassIt ? '; pages together bring more' : ', all its pages together';
}
