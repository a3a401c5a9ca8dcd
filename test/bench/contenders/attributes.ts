/** What every contender reads of a person: the attributes that the generator writes. */
export const ATTRIBUTES = [
  'entryUUID',
  'objectClass',
  'uid',
  'cn',
  'sn',
  'givenName',
  'displayName',
  'mail',
  'title',
  'departmentNumber',
  'employeeNumber',
  'employeeType',
  'telephoneNumber',
  'l',
  'manager',
] as const;
