import { once } from 'node:events';
import { readBindPassword } from '../../config/password.ts';
import { EXIT, type ExitCode, UsageError } from '../../domain/errors.ts';
import { syntheticOrganisation } from '../../simulate/organisation.ts';
import { SimulatedServer } from '../../simulate/server.ts';
import type { Call } from '../command.ts';
import { type Io, plural } from '../terminal.ts';

export async function run({ config }: Call<'simulate'>, io: Io): Promise<ExitCode> {
  const { people, seed, port, latencyMs, sizeLimit, bindDn, bindPasswordFile } = config;
  const directory = syntheticOrganisation({ people, seed });
  const { env, prompt } = io;
  const account = bindDn && {
    bindDn,
    password: (
      await readBindPassword({
        bindDn,
        file: bindPasswordFile,
        env,
        ...(prompt ? { prompt } : {}),
      })
    ).reveal(),
  };
  const options = { directory, port, latencyMs, sizeLimit, ...(account || {}) };
  await using server = await SimulatedServer.listen(options).catch(portTaken(port));
  io.out(`${server.url}\n`);
  io.err(`${plural(people, 'person', 'people')}; the root is ${directory.rootDn}\n`);
  const as = bindDn ? ` --bind-dn "${bindDn}"` : '';
  io.err(`Try: orgwalk crawl --url ${server.url} --root "${directory.rootDn}"${as}\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  return EXIT.ok;
}

function portTaken(port: number): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    if (cause.code !== 'EADDRINUSE' && cause.code !== 'EACCES') throw cause;
    throw new UsageError(
      `port ${port} cannot be listened on (${cause.code})`,
      'choose another --port, or 0',
      {
        cause,
      },
    );
  };
}
