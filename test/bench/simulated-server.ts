// A simulated directory in a process of its own, so that what it takes in memory is nobody else's. Ends with its parent.
import { activeDirectory } from '../../src/simulate/active-directory.ts';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { SimulatedServer } from '../../src/simulate/server.ts';
import { ChangedDirectory } from './changed-directory.ts';
import type { Served } from './simulated.ts';

const { people, spans, titleBytes = 0, leaves } = JSON.parse(process.argv[2] ?? '') as Served;
const organisation = syntheticOrganisation({ people, seed: 1, ...(spans && { spans }) });
const title = ['x'.repeat(titleBytes)];
const titled = new ChangedDirectory(organisation, (_, attribute) =>
  attribute === 'title' ? title : undefined,
);
const plain = titleBytes > 0 ? titled : organisation;
const server = await SimulatedServer.listen(
  leaves === true
    ? { directory: activeDirectory(plain), vendor: 'ad-like', maxPageSize: 1_000, maxValues: 1_500 }
    : { directory: plain },
);
process.send?.({ url: server.url, root: organisation.rootDn });
process.once('disconnect', () => process.exit());
