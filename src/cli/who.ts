import { dnKey } from '../domain/dn.ts';
import { UsageError } from '../domain/errors.ts';
import { fold } from '../domain/fold.ts';
import { MOST_MATCHES, type Person, type Reader } from '../store/reader.ts';
import { type Io, printable } from './terminal.ts';

export const WHO = {
  name: 'who',
  help: 'An id, DN, user name, mail address, employee number, or a name that matches one person',
  words: true,
} as const;

/** The one person that WHO means. Several: they are listed. Who is taken for a part of the name is told: a script may have meant another. */
export function personBy(reader: Reader, who: string, io: Pick<Io, 'err'>): Person {
  assertPublished(reader);
  const [person, ...others] = reader.find(who);
  if (person === undefined) {
    throw new UsageError(
      `nobody is known as ${printable(who)}`,
      'give a user name, mail address, id, DN or a part of the name',
    );
  }
  if (others.length === 0) {
    if (!isCalled(person, who)) io.err(`Taken as ${identity(person)}\n`);
    return person;
  }
  const most = others.length + 1 === MOST_MATCHES ? ' or more' : '';
  const list = [person, ...others].map((one) => `  ${identity(one)}`).join('\n');
  throw new UsageError(
    `${printable(who)} matches ${others.length + 1} people${most}:\n${list}`,
    'give one of these user names or ids',
  );
}

/** Whether somebody goes by just that. */
function isCalled(person: Person, who: string): boolean {
  const { id, username, email, employee_number, name, dn } = person;
  const names = [id, username, email, employee_number, name].map((text) => fold(text ?? ''));
  return names.includes(fold(who)) || dnKey(dn) === dnKey(who);
}

export function assertPublished(reader: Reader): void {
  if (!reader.isEmpty) return;
  const last = reader.lastRun();
  throw new UsageError(
    'no crawl was published into this database yet',
    last?.status === 'held'
      ? `run ${last.id} is held: look at it with --as-of ${last.id}, release it with: orgwalk publish`
      : 'finish one with: orgwalk crawl',
  );
}

/** What a person is told apart by. */
export type Named = Pick<Person, 'id' | 'name' | 'username' | 'title' | 'department'>;

/** "Ada King (aking), Engineer, Research" */
export function identity({ name, username, title, department, id }: Named): string {
  const who = name ?? username ?? id;
  const handle = name !== null && username !== null ? ` (${username})` : '';
  const role = [title, department].filter((part) => part !== null).map((part) => `, ${part}`);
  return printable(`${who}${handle}${role.join('')}`);
}
