import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/options.ts';
import type { ExitCode } from '../../domain/errors.ts';
import { chainOf } from '../../report/chain.ts';
import { growTree } from '../../report/tree.ts';
import { syntheticOrganisation } from '../../simulate/organisation.ts';
import { SimulatedServer } from '../../simulate/server.ts';
import { type Person, Reader } from '../../store/reader.ts';
import type { Call } from '../command.ts';
import { invocation, shellWord } from '../invocation.ts';
import { exitCodeOf, summaryText } from '../summary.ts';
import { type Io, plural } from '../terminal.ts';
import { drawChain } from './chain.ts';
import { withCrawl } from './crawl.ts';
import { draw } from './tree.ts';

export async function run({ config }: Call<'demo'>, io: Io): Promise<ExitCode> {
  const { people, seed, latencyMs } = config;
  const directory = syntheticOrganisation({ people, seed });
  await using server = await SimulatedServer.listen({ directory, latencyMs });
  const who = plural(people, 'person', 'people');
  io.err(`A simulated directory of ${who} listens on ${server.url}\n\n`);
  const crawl = crawlConfig(config, server.url, directory.rootDn);
  const result = await withCrawl(crawl, io, (app) => app.run());
  io.err(`${summaryText(result, config.db)}\n`);
  if (result.published !== null) show(config, io);
  return exitCodeOf(result);
}

function crawlConfig(config: Config<'demo'>, url: string, root: string): Config<'crawl'> {
  const { db, workers, rate, batch, progress } = config;
  const flags = { url, root, db, workers, rate, batch, progress };
  return loadConfig('crawl', { flags, env: {} });
}

/** What a person wants to see: the top of the tree, one chain of command, and what to try next. */
function show({ db }: Config<'demo'>, io: Io): void {
  using reader = new Reader(db);
  const [root] = reader.roots();
  if (root === undefined) return;
  io.out('The top of the tree\n\n');
  draw(growTree(reader, root, 1), io, '  ');
  const someone = deepest(reader, root);
  io.out(`\nThe chain of command of ${someone.name ?? someone.id}\n\n`);
  drawChain(chainOf(reader, someone), io, '  ');
  io.out(`\nThe database is ${db}. Try next:\n\n`);
  for (const line of nextSteps(db, root)) io.out(`  ${line}\n`);
}

/** Someone at the far end: always down into the largest organisation. */
function deepest(reader: Reader, from: Person): Person {
  let person = from;
  for (
    let [next] = reader.reports(from.pid);
    next !== undefined;
    [next] = reader.reports(next.pid)
  ) {
    person = next;
  }
  return person;
}

function nextSteps(path: string, root: Person): readonly string[] {
  const orgwalk = invocation();
  const db = shellWord(path);
  return [
    `${orgwalk} tree ${shellWord(root.username ?? root.id)} --depth 2 --db ${db}`,
    `${orgwalk} chart --out demo.html --db ${db}`,
    `${orgwalk} stats --db ${db}`,
    `${orgwalk} query "SELECT department, count(*) AS people FROM employees GROUP BY 1 ORDER BY 2 DESC" --db ${db}`,
  ];
}
