// Loaded with --import: ends the process without notice when it is about to put a file in its place.
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

promises.rename = async () => {
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment.
  await new Promise(() => {});
};
syncBuiltinESMExports();
