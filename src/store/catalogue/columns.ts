/** What each column of a view means, by name. Units, what null says and the format of times are part of it. */
export type Columns = Readonly<Record<string, string>>;

/** What the directory says about a person. */
export const TOLD = {
  id: 'What a person is known by for good: the id attribute (entryUUID, objectGUID …), or the normalised DN where the entry shows none',
  dn: 'Distinguished name of the entry, as the directory spells it',
  username: 'User name; like every text here null where the directory tells none',
  name: 'Full name',
  given_name: 'Given name',
  surname: 'Surname',
  email: 'Mail address',
  title: 'Job title',
  department: 'Department',
  employee_number: 'Employee number: text, so that leading zeros stay',
  phone: 'Telephone number',
  location: 'Place of work',
  active: '1, or 0 where the account is disabled',
} as const satisfies Columns;

export const ATTRIBUTES = {
  attributes:
    'JSON object of what the config file asks for beside the columns, each attribute with a list of its values; {} where that is nothing',
} as const satisfies Columns;

export const MANAGER = {
  manager_id:
    'id of the primary manager: of all managers the one of least depth, ties by normalised DN, never oneself; null for a root, and where no line leads to a root',
  manager_dn: 'DN of the primary manager; null where there is none',
} as const satisfies Columns;

export const PLACE = {
  depth: 'Steps up to a root, which has 0; null where no line leads to a root',
  direct_reports: 'Number of other people with any line to this person',
  total_reports: 'Number of people below this person by primary lines, at any depth',
} as const satisfies Columns;

export const SEEN = {
  first_seen_at: 'Start of the first published run that had the person',
  changed_at:
    'Start of the run since which the directory has said what is told here; what is derived does not count',
  confirmed_at: 'Start of the last published run that saw the person',
} as const satisfies Columns;
