import type { Employee } from '../../src/domain/employee.ts';
import { Fingerprint } from '../../src/ldap/messages/fingerprint.ts';

/** The employee with the fingerprint of what they are said to be, as the directory gives each. */
export function fingerprinted({ fingerprint: _, ...said }: Employee): Employee {
  const print = new Fingerprint();
  print.addText(JSON.stringify(said));
  return { ...said, fingerprint: print.number };
}
