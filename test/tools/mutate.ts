// Puts known traps back into a copy of the program, one at a time: each must turn a test red. Prints a table.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { MUTATIONS, type Mutation } from './mutations.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COPIED = [
  'src',
  'test',
  'migrations',
  'config',
  'package.json',
  'tsconfig.json',
  'README.md',
];
const CONFIGS = ['vitest.config.ts', 'vitest.long.config.ts'];
/** A mutant that hangs is as red as one that fails. */
const LONGEST_MS = 150_000;

type Verdict = 'red' | 'GREEN';

/** With a text in `argv`: only the mutations whose name holds it. */
const wanted = MUTATIONS.filter(({ name }) => name.includes(process.argv[2] ?? ''));
const survivors: string[] = [];
await withTemporaryDirectory(async (copy) => {
  copyProject(copy);
  await assertGreen(copy);
  for (const mutation of wanted) {
    const verdict = await judge(copy, mutation);
    if (verdict !== 'red') survivors.push(mutation.name);
    console.log(`${verdict.padEnd(6)} ${mutation.name}  (${mutation.tests.join(' ')})`);
  }
});
console.log(`${wanted.length - survivors.length} of ${wanted.length} traps turn a test red`);
process.exitCode = survivors.length === 0 && wanted.length > 0 ? 0 : 1;

function copyProject(to: string): void {
  for (const name of [...COPIED, ...CONFIGS]) {
    cpSync(join(ROOT, name), join(to, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(to, 'node_modules'));
}

/** Without a mutation all of these tests pass: else a red one would prove nothing. */
async function assertGreen(copy: string): Promise<void> {
  const all = new Set(wanted.flatMap((mutation) => mutation.tests));
  // The long ones are the long tier's own to prove green.
  const tests = [...all].filter((test) => !test.endsWith('.long.test.ts'));
  if (tests.length > 0 && !(await passes(copy, tests)))
    throw new Error('the tests are red without any mutation');
  console.log(`green  without a mutation  (${tests.length} files)`);
}

async function judge(copy: string, { file, from, to, tests }: Mutation): Promise<Verdict> {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(from).length !== 2) {
    throw new Error(
      `Expected once in ${file}, found ${text.split(from).length - 1} times: ${from}`,
    );
  }
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  try {
    return (await passes(copy, tests)) ? 'GREEN' : 'red';
  } finally {
    writeFileSync(path, text);
  }
}

async function passes(copy: string, tests: readonly string[]): Promise<boolean> {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const isLong = tests.some((test) => test.endsWith('.long.test.ts'));
  const config = isLong ? 'vitest.long.config.ts' : 'vitest.config.ts';
  const child = spawn(process.execPath, [vitest, 'run', '-c', config, '--bail', '1', ...tests], {
    cwd: copy,
    stdio: process.argv.includes('--verbose') ? 'inherit' : 'ignore',
    // Its workers go with it.
    detached: true,
  });
  const cut = setTimeout(() => killGroup(child), LONGEST_MS);
  const [code] = await once(child, 'close');
  clearTimeout(cut);
  killGroup(child);
  return code === 0;
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
