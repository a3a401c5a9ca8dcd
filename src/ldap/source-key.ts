import type { SourceProfile } from '../domain/ports.ts';
import { ANYONE } from './asker.ts';
import { guidOf } from './mapping/guid.ts';
import type { RawEntry } from './messages/entry.ts';
import type { Search } from './opening.ts';
import { namingContextOf } from './root-dse.ts';
import { ACTIVE_DIRECTORY } from './vendors.ts';

const GUID = 'objectGUID';

/**
 * The profile under the key that outlives a rename of the domain: its GUID, where there is one and it may be read. What
 * the key would be otherwise goes along, since databases made before know the source by that.
 */
export async function identified(
  profile: SourceProfile,
  rootDse: RawEntry,
  search: Search,
): Promise<SourceProfile> {
  if (profile.vendor !== ACTIVE_DIRECTORY) return profile;
  const base = namingContextOf(rootDse, profile.base);
  const { entries } = await search({ base, scope: 'base', filter: ANYONE, attributes: [GUID] });
  const guid = guidOf(entries[0]?.attributes.get(GUID.toLowerCase())?.[0]);
  return guid === undefined ? profile : { ...profile, key: guid, formerKey: profile.key };
}
