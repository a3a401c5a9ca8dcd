// node test/servers/start.ts samba --people 10000: a server to try things on, until Ctrl-C.
import { parseArgs } from 'node:util';
import { makeDomain } from './active-directory.ts';
import { APACHEDS_UNKNOWN, startApacheds } from './apacheds.ts';
import { DIRSRV_UNKNOWN, startDirsrv } from './dirsrv.ts';
import { organised } from './organised.ts';
import { guidsOf, startSamba } from './samba.ts';
import type { TestServer } from './server.ts';

type Started = { readonly server: TestServer; readonly notes: Readonly<Record<string, unknown>> };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    people: { type: 'string', default: '2000' },
    wide: { type: 'string', default: '0' },
    indexed: { type: 'boolean', default: false },
    'size-limit': { type: 'string' },
  },
});

const people = Number(values.people);

async function samba(): Promise<Started> {
  const domain = await makeDomain({ people, wide: Number(values.wide) });
  const server = await startSamba({ ...domain, indexed: values.indexed });
  const { size } = await guidsOf(server);
  return { server, notes: { root: domain.rootDn, wide: domain.wideDn, personEntries: size } };
}

const limit = values['size-limit'];
const sizeLimit = limit === undefined ? {} : { sizeLimit: Number(limit) };

async function dirsrv(): Promise<Started> {
  const { ldif, rootDn } = await organised(people, DIRSRV_UNKNOWN);
  const server = await startDirsrv({ ldif, ...sizeLimit });
  return {
    server,
    notes: { root: rootDn, readerDn: server.readerDn, readerPassword: server.readerPassword },
  };
}

async function apacheds(): Promise<Started> {
  const { ldif, rootDn } = await organised(people, APACHEDS_UNKNOWN);
  const server = await startApacheds({ ldif, ...sizeLimit });
  return {
    server,
    notes: { root: rootDn, readerDn: server.readerDn, readerPassword: server.readerPassword },
  };
}

const STARTERS: Readonly<Record<string, () => Promise<Started>>> = { samba, dirsrv, apacheds };

const start = STARTERS[positionals[0] ?? ''];
if (start === undefined) {
  process.stderr.write(`Expected one of ${Object.keys(STARTERS).join(', ')}\n`);
  process.exit(2);
}
const { server, notes } = await start();
const { url, ldapsUrl, base, bindDn, password, pid, dir } = server;
process.stdout.write(
  `${JSON.stringify({ url, ldapsUrl, base, bindDn, password, pid, dir, ...notes }, null, 2)}\n`,
);
const waiting = setInterval(() => undefined, 60_000);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    clearInterval(waiting);
    await server.stop();
  });
}
