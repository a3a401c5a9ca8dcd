import { stringify } from 'yaml';
import { defaultOf, type NamedOption, optionsOf, variableOf } from './options.ts';
import { GROUPS } from './spec.ts';

// Without these there is no crawl; the rest has defaults.
const REQUIRED = new Set(['url', 'root']);

const HEADING = `# Example of a config file for orgwalk. Copy it, change what differs, and crawl:
#   orgwalk crawl --config orgwalk.yaml
# Flags win over ORGWALK_… variables, variables over this file, this file over the defaults.
# The value shown is the default where there is one. Relative paths are relative to this file.
# A password has no place here: see bindPasswordFile.
`;

/** The commented example of a config file: every option of \`crawl\` that a file may hold. */
export function exampleYaml(): string {
  const options = optionsOf('crawl').filter(({ name }) => name !== 'config');
  const sections = GROUPS.map((group) => options.filter((option) => option.group === group));
  return [HEADING, ...sections.filter((section) => section.length > 0).map(sectionOf)].join('\n');
}

function sectionOf(options: readonly NamedOption[]): string {
  return [`# ---- ${options[0]?.group} ----`, '', ...options.map(entryOf)].join('\n');
}

function entryOf(option: NamedOption): string {
  const value = option.example ?? defaultOf(option, 'crawl');
  const yaml = written(option, option.repeatable ? [value] : value);
  const where = option.fileOnly ? 'In this file only' : variableOf(option.name);
  const comment = `# ${option.help}${remarkOf(option)}. ${where}`;
  return `${comment}\n${REQUIRED.has(option.name) ? yaml : yaml.replace(/^/gm, '# ')}\n`;
}

/** What a person adds to goes on one line. */
function written({ name, fileOnly }: NamedOption, value: unknown): string {
  if (!fileOnly) return stringify({ [name]: value }).trimEnd();
  return `${name}: ${stringify(value, { collectionStyle: 'flow' }).trimEnd()}`;
}

function remarkOf({ absent }: NamedOption): string {
  return absent === undefined ? '' : `; without it: ${absent}`;
}
