// What is measured is compiled JavaScript, ours as well as theirs, as it would be installed; gone afterwards.
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { withTemporaryDirectory } from '../support/temporary.ts';

export type Built = {
  /** The file that Node runs for orgwalk. */
  readonly program: string;
  /** Where the contenders' scripts are. */
  readonly scripts: string;
};

const SCRIPTS = ['ldif-to-table', 'ldif-to-organisation', 'naive-crawl'];
/** What the program reads, and what both import, from beside its folder. */
const BESIDE = ['node_modules', 'migrations', 'package.json'];

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** `program`: measure this file in place of a program compiled from src/. */
export function withBuild<T>(
  program: string | undefined,
  use: (built: Built) => Promise<T>,
): Promise<T> {
  return withTemporaryDirectory(async (dir) => {
    for (const name of BESIDE) symlinkSync(join(repository, name), join(dir, name));
    const scripts = join(dir, 'contenders');
    await compileScripts(scripts);
    return use({ scripts, program: program ?? compileProgram(join(dir, 'dist')) });
  });
}

function compileProgram(outDir: string): string {
  const tsc = join(repository, 'node_modules/.bin/tsc');
  const project = join(repository, 'tsconfig.build.json');
  execFileSync(tsc, ['-p', project, '--outDir', outDir], { stdio: 'inherit' });
  return join(outDir, 'bin.js');
}

async function compileScripts(outdir: string): Promise<void> {
  await build({
    entryPoints: SCRIPTS.map((name) => join(repository, 'test/bench/contenders', `${name}.ts`)),
    outdir,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'es2024',
  });
}
