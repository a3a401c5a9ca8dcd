import type { Config } from '../config/options.ts';
import type { Employee } from '../domain/employee.ts';
import type { KnownSource, SourceProfile } from '../domain/ports.ts';
import type { ServerSeen } from '../ldap/connection/connection.ts';
import { LdapDirectory } from '../ldap/directory.ts';
import type { Survey } from '../ldap/survey/survey.ts';
import { systemClock } from '../pace/clock.ts';
import { LoadRecorder } from '../pace/latency.ts';
import { Pacer } from '../pace/pacer.ts';
import { directoryOptions, refuseBadQuestion } from './directory-options.ts';

/** What a look at the directory has told. */
export interface CheckResult {
  readonly profile: SourceProfile;
  readonly roots: readonly Employee[];
  readonly survey: Survey;
  /** The server that answered, and its certificate where there is TLS. */
  readonly server: ServerSeen;
  /** All that were sent, binds included. */
  readonly requests: number;
}

const NEVER = new AbortController().signal;

/**
 * Connects, signs in and finds the roots as a crawl would, and looks at what the server allows. Writes nothing. Rejects
 * as a crawl would.
 * @param notice is told what a person must know, in a line without names
 * @param known the source of the database; null: there is none yet
 */
export async function check(
  config: Config<'check'>,
  password: string | undefined,
  notice: (line: string) => void,
  known: KnownSource | null,
): Promise<CheckResult> {
  refuseBadQuestion(config);
  const pace = new Pacer({ rate: config.rate, clock: systemClock });
  const load = new LoadRecorder(systemClock);
  const ports = { pace, load, clock: systemClock, notice };
  const directory = new LdapDirectory(directoryOptions(config, password), ports);
  try {
    const profile = await directory.open(NEVER, known);
    const roots = await directory.findRoots(NEVER);
    const survey = await directory.survey(NEVER);
    return { profile, roots, survey, server: directory.server, requests: pace.load().requests };
  } finally {
    await directory.close();
    pace.close();
  }
}
