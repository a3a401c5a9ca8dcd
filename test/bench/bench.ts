// npm run bench [-- PART … --people N --few-people N --round-trip MS --runs N --near-only --up-to N --json FILE --program FILE]
// PART is crawls, searches, memory, limit, batch, pace, growth, questions or ten-million. None: all but the last;
// above 200,000 people crawls and searches. Figures of one run are comparable with one another; those of two machines are not.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { withBuild } from './build.ts';
import { machine, machineText } from './machine.ts';
import { type Options, optionsOf, type Part } from './options.ts';
import { isServed, type PartReport, runAlone, runServed } from './parts.ts';
import { say } from './report.ts';
import { withOrganisation } from './served.ts';

const out = (text: string) => process.stdout.write(`${text}\n`);

/** What was measured so far is printed and in the file, whatever becomes of the rest. */
class Results {
  readonly #at = new Date().toISOString();
  readonly #machine = machine();
  readonly #options: Options;
  readonly #parts: Partial<Record<Part, unknown>> = {};
  readonly wrong: string[] = [];

  constructor(options: Options) {
    this.#options = options;
    mkdirSync(dirname(options.json), { recursive: true });
    out(`${this.#at}: ${machineText(this.#machine)}`);
  }

  add(part: Part, { data, tables, wrong = [] }: PartReport): void {
    for (const [title, text] of tables) out(`\n${title}\n\n${text}`);
    this.#parts[part] = data;
    this.wrong.push(...wrong);
    const record = {
      ...{ at: this.#at, machine: this.#machine, options: this.#options },
      ...this.#parts,
      wrong: this.wrong,
    };
    writeFileSync(this.#options.json, `${JSON.stringify(record, null, 2)}\n`);
  }
}

async function bench(options: Options, results: Results): Promise<void> {
  await withBuild(options.program, async (built) => {
    const measured = async (part: Part, report: () => Promise<PartReport>) => {
      say(`\n${part}`);
      results.add(part, await report());
    };
    const served = options.parts.filter(isServed);
    if (served.length > 0) {
      await withOrganisation(options.people, async (target) => {
        for (const part of served)
          await measured(part, () => runServed(part, options, built, target));
      });
    }
    for (const part of options.parts) {
      if (!isServed(part)) await measured(part, () => runAlone(part, options, built));
    }
  });
}

const options = optionsOf(process.argv.slice(2));
const results = new Results(options);
await bench(options, results);
say(`\nwritten to ${options.json}`);
for (const text of results.wrong) say(`Error: ${text}`);
process.exitCode = results.wrong.length === 0 ? 0 : 1;
