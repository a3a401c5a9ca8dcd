import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { Source } from './problem.ts';
import { fromKeys, type Gathered } from './sources.ts';

/** Where the config file was named. */
export interface FileName {
  readonly path: string;
  readonly source: Source;
  readonly where: string;
}

/** Reads the config file (YAML 1.2, and so JSON too): a mapping from names in camelCase to values. */
export function fromFile(name: FileName, readFile: (path: string) => string): Gathered {
  try {
    const document = parseDocument(readFile(name.path), { prettyErrors: true });
    const [error] = document.errors;
    if (error) return refused(name, 'YAML or JSON', firstLine(error.message));
    const content: unknown = document.toJS({ mapAsMap: true });
    // A file of comments only.
    if (content === null) return { given: [], problems: [] };
    if (!isMapping(content))
      return refused(name, 'a mapping from options to values', 'something else');
    return fromKeys(content, name.path, dirname(resolve(name.path)));
  } catch (cause) {
    return refused(name, 'a config file that can be read', reasonOf(cause));
  }
}

function refused({ source, where, path }: FileName, expected: string, got: string): Gathered {
  return {
    given: [],
    problems: [{ option: 'config', where, source, expected, got: `${path}: ${got}` }],
  };
}

// The rest of the message quotes the file, and what stands there may be a secret.
function firstLine(message: string): string {
  return message.split(/:?\n/)[0] ?? message;
}

function isMapping(content: unknown): content is ReadonlyMap<string, unknown> {
  return content instanceof Map && [...content.keys()].every((key) => typeof key === 'string');
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? firstLine(cause.message) : String(cause);
}
