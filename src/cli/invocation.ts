import { relative, sep } from 'node:path';

/** How this program was called, for commands that a person can copy. `script` is what Node was told to run. */
export function invocation(script = process.argv[1] ?? '', folder = process.cwd()): string {
  if (script.includes(`${sep}node_modules${sep}`)) return 'npx orgwalk';
  if (!/\bbin\.[jt]s$/.test(script)) return 'orgwalk';
  // In a clone: `npx` finds the Node that came with the dependencies, which may be newer than the system's.
  return `npx node ${shellWord(relative(folder, script))}`;
}

/** `text` as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
