/** Compiles src/ into dist/, from nothing: a file that was removed must not live on in the package. */
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { buildFrontEnd } from './front-end.ts';

rmSync('dist', { recursive: true, force: true });
const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
chmodSync('dist/bin.js', 0o755);
await buildFrontEnd('dist/chart');
