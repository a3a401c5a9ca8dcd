import { attributeType } from '../domain/dn/attribute-types.ts';
import { DnSyntaxError, type ParsedAva, type ParsedRdn, parseDn } from '../domain/dn.ts';
import { isUnreadable } from './text.ts';

/** After this a comma or plus always separates. */
const SEPARATORS = /[,+\\]/g;

/**
 * What a DN looks like where compatibility forms, case and runs of spaces do not count (RFC 4518): a guess at what a server
 * takes for the same, too coarse for a key. Undefined where it would be no good guess: no DN, or a type whose values are
 * compared in another way.
 */
export function likenessOf(dn: string): string | undefined {
  if (isUnreadable(dn)) return undefined;
  try {
    const rdns = parseDn(dn).map(likenessOfRdn);
    return rdns.includes(undefined) ? undefined : rdns.join(',');
  } catch (error) {
    if (error instanceof DnSyntaxError) return undefined;
    throw error;
  }
}

/** Those that look like no other one, by what they look like. */
export function unlikeOthers<T>(
  items: readonly T[],
  dnOf: (item: T) => string,
): ReadonlyMap<string, T> {
  const unlike = new Map<string, T>();
  const seen = new Set<string>();
  for (const item of items) {
    const likeness = likenessOf(dnOf(item));
    if (likeness === undefined) continue;
    if (seen.has(likeness)) unlike.delete(likeness);
    else unlike.set(likeness, item);
    seen.add(likeness);
  }
  return unlike;
}

/** In whatever order the parts of a level come (RFC 4514 §2.2). */
function likenessOfRdn(rdn: ParsedRdn): string | undefined {
  const avas = rdn.map(likenessOfAva);
  return avas.includes(undefined) ? undefined : avas.sort().join('+');
}

function likenessOfAva({ type, value, certain }: ParsedAva): string | undefined {
  const { name, matching } = attributeType(type);
  if (!certain || matching === 'exact') return undefined;
  // What is lower case of a sigma depends on its neighbours.
  const folded = value.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
  const prepared = folded.replace(/ +/g, ' ').replace(/^ | $/g, '');
  return `${name}=${prepared.replace(SEPARATORS, (sign) => `\\${sign.charCodeAt(0).toString(16)}`)}`;
}
