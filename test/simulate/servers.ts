import {
  type StaticEntry,
  type SyntheticOrganisation,
  staticDirectory,
  syntheticOrganisation,
} from '../../src/simulate/organisation.ts';
import { SimulatedServer, type SimulatedServerOptions } from '../../src/simulate/server.ts';
import { type SocketClient, withClient } from './socket-client.ts';

export const SUFFIX = 'dc=example,dc=com';

type Options = Partial<SimulatedServerOptions>;

/** A server of `options.directory`, or of 100 people, gone after `use`. */
export async function withServer<T>(
  options: Options,
  use: (server: SimulatedServer) => Promise<T>,
): Promise<T> {
  await using server = await SimulatedServer.listen({ directory: hundred(), ...options });
  return await use(server);
}

/** A server and a client connected to it. */
export function withSession<T>(
  options: Options,
  use: (client: SocketClient, server: SimulatedServer) => Promise<T>,
): Promise<T> {
  return withServer(options, (server) => withClient(server, (client) => use(client, server)));
}

export function hundred(): SyntheticOrganisation {
  return syntheticOrganisation({ people: 100, seed: 1 });
}

/** `count` persons p1, p2, … below the suffix, all managed by p1. */
export function team(count: number, more: readonly StaticEntry[] = []) {
  const entries = Array.from({ length: count }, (_, at) => person(`p${at + 1}`));
  return staticDirectory([top, ...entries, ...more], SUFFIX);
}

export const top: StaticEntry = {
  dn: SUFFIX,
  attributes: { objectClass: ['domain'], dc: ['example'] },
};

export function person(uid: string, more: StaticEntry['attributes'] = {}): StaticEntry {
  return {
    dn: `uid=${uid},${SUFFIX}`,
    attributes: {
      objectClass: ['top', 'person', 'inetOrgPerson'],
      uid: [uid],
      cn: [`Person ${uid}`],
      sn: [uid],
      manager: [`uid=p1,${SUFFIX}`],
      ...more,
    },
  };
}
