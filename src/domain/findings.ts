/** What can be wrong in the directory's own data: every kind of finding, and what it means in one line. */
export const FINDINGS = {
  self_managed: 'is their own manager',
  cycle: 'is in a circle of people who report to one another',
  dangling_manager: 'a manager value names nobody in the directory',
  outside_manager: 'a manager is a person in the directory, but not below the roots',
  unreachable: 'is matched by the filter, but no line leads from a root to them',
  detached: 'is in the directory, but no manager of theirs leads to a root any more',
  duplicate_id: 'shares the id with another entry, and goes by DN',
  missing_id: 'the entry shows no id: the person goes by DN, or keeps the id they had',
  inactive_manager: 'is disabled, and somebody reports to them',
  several_managers: 'has more than one manager',
  value_capped: 'a value was too long, and is kept in part or not at all',
  manager_not_employee:
    'a manager value names an entry that the filter does not match, such as a group',
  unreadable_dn: 'a DN is no valid UTF-8, so nobody can be found by it',
  referral: 'the server said that a part of the answer is elsewhere: recorded, never followed',
} as const satisfies Readonly<Record<string, string>>;

export type FindingKind = keyof typeof FINDINGS;

export const FINDING_KINDS = Object.keys(FINDINGS) as readonly FindingKind[];

export function isFindingKind(text: string): text is FindingKind {
  return Object.hasOwn(FINDINGS, text);
}
