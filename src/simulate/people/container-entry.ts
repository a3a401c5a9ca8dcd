import type { AttributeValue, SimulatedEntry } from '../directory.ts';
import { uuidOfNumber } from './entry-uuid.ts';

const CREATED = '20200101000000Z';

/** The entries above the people: the suffix itself and `ou=people`. */
export function containerEntry(id: number, dn: string, key: string): SimulatedEntry {
  const [rdn = ''] = dn.split(',');
  const [type = '', value = ''] = rdn.split('=');
  const attributes: Readonly<Record<string, readonly AttributeValue[]>> = {
    objectClass: type === 'dc' ? ['top', 'domain'] : ['top', 'organizationalUnit'],
    [type]: [value],
  };
  const operational: Readonly<Record<string, readonly AttributeValue[]>> = {
    entryUUID: [uuidOfNumber(0, id >>> 0)],
    entryDN: [dn],
    createTimestamp: [CREATED],
    modifyTimestamp: [CREATED],
  };
  const all = Object.entries({ ...attributes, ...operational });
  const values = new Map(all.map(([name, held]) => [name.toLowerCase(), held]));
  return {
    id,
    dn,
    key,
    userAttributes: Object.keys(attributes),
    operationalAttributes: Object.keys(operational),
    values: (attribute) => values.get(attribute) ?? [],
  };
}
