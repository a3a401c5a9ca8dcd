const ALIASES: ReadonlyMap<string, string> = new Map([
  ['userid', 'uid'],
  ['0.9.2342.19200300.100.1.1', 'uid'],
  ['commonname', 'cn'],
  ['2.5.4.3', 'cn'],
  ['surname', 'sn'],
  ['2.5.4.4', 'sn'],
  ['gn', 'givenname'],
  ['2.5.4.42', 'givenname'],
  ['localityname', 'l'],
  ['2.5.4.7', 'l'],
  ['organizationname', 'o'],
  ['2.5.4.10', 'o'],
  ['organizationalunitname', 'ou'],
  ['2.5.4.11', 'ou'],
  ['domaincomponent', 'dc'],
  ['0.9.2342.19200300.100.1.25', 'dc'],
  ['rfc822mailbox', 'mail'],
  ['0.9.2342.19200300.100.1.3', 'mail'],
  ['0.9.2342.19200300.100.1.10', 'manager'],
  ['mobiletelephonenumber', 'mobile'],
  ['1.3.6.1.1.16.4', 'entryuuid'],
]);

/** Lower case, aliases and OIDs resolved, `oid.` dropped (RFC 4512 §2.5): one name for one attribute type. */
export function canonicalAttribute(name: string): string {
  const lower = name.toLowerCase();
  const bare = lower.startsWith('oid.') ? lower.slice(4) : lower;
  return ALIASES.get(bare) ?? bare;
}
