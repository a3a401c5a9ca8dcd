// Every folder is on NFS, as far as the system tells.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const NFS = 0x6969;
const { statfsSync } = fs;

fs.statfsSync = ((...args: Parameters<typeof statfsSync>) => ({
  ...statfsSync(...args),
  type: NFS,
})) as typeof statfsSync;
syncBuiltinESMExports();
