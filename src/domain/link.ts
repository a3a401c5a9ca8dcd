import { dnKey } from './dn.ts';

/** The manager-value setting that means: manager values hold the manager's DN. */
export const DN_LINK = 'dn';

/**
 * The key under which manager values are compared. DNs are normalised; other values are taken as they are, since only
 * the server knows the matching rule of its attribute: what differs here is asked of the server, never merged.
 */
export function linkKeyOf(managerValue: string): (value: string) => string {
  return managerValue === DN_LINK ? dnKey : (value) => value;
}
