// A simulated directory in a process of its own, so that what it takes in memory is nobody else's. Ends with its parent.
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { SimulatedServer } from '../../src/simulate/server.ts';
import { ChangedDirectory } from './changed-directory.ts';

export interface Served {
  readonly people: number;
  /** Direct reports of person 0, 1, 2, … */
  readonly spans: readonly number[];
  /** Of everyone's title; 0: as usual. */
  readonly titleBytes: number;
}

const { people, spans, titleBytes } = JSON.parse(process.argv[2] ?? '') as Served;
const organisation = syntheticOrganisation({ people, seed: 1, spans });
const title = ['x'.repeat(titleBytes)];
const directory = new ChangedDirectory(organisation, (_, attribute) =>
  attribute === 'title' && titleBytes > 0 ? title : undefined,
);
const server = await SimulatedServer.listen({ directory });
process.send?.({ url: server.url, root: organisation.rootDn });
process.once('disconnect', () => process.exit());
