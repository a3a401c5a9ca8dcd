import { CrawlApp } from '../../app.ts';
import type { Config } from '../../config/options.ts';
import { readBindPassword } from '../../config/password.ts';
import type { CrawlObserver } from '../../crawl/crawl.ts';
import type { ExitCode } from '../../domain/errors.ts';
import type { Call } from '../command.ts';
import { ProgressDisplay } from '../progress.ts';
import { StopSignals } from '../stop-signals.ts';
import { exitCodeOf, summaryJson, summaryText } from '../summary.ts';
import { count, type Io } from '../terminal.ts';

export async function run({ config }: Call<'crawl'>, io: Io): Promise<ExitCode> {
  const result = await runCrawl(config, io);
  const text = config.json ? `${JSON.stringify(summaryJson(result))}\n` : undefined;
  if (text === undefined) io.err(summaryText(result, config.db));
  else io.out(text);
  return exitCodeOf(result);
}

/** Crawls with live progress. What it built is closed when this resolves. */
export async function runCrawl(config: Config<'crawl'>, io: Io) {
  const password = await passwordOf(config, io);
  const talk = { say: (text: string) => io.err(`${text}\n`) };
  await using app = new CrawlApp(
    config,
    password,
    observer((text) => talk.say(text)),
  );
  using display = new ProgressDisplay(io, config.progress, () => app.progress());
  talk.say = (text) => display.say(text);
  using _signals = new StopSignals((reason) => {
    talk.say(`${reason.message}: stopping after the page in flight; once more to exit now`);
    app.stop(reason);
  });
  return await app.run();
}

async function passwordOf(config: Config<'crawl'>, io: Io): Promise<string | undefined> {
  const { bindDn, bindPasswordFile } = config;
  if (bindDn === undefined) return undefined;
  const { env, prompt } = io;
  const sources = { bindDn, file: bindPasswordFile, env, ...(prompt ? { prompt } : {}) };
  return (await readBindPassword(sources)).reveal();
}

/** What a person must know although the crawl goes on. */
function observer(say: (text: string) => void): CrawlObserver {
  return {
    started({ id, resumed, abandoned }) {
      if (abandoned !== null) {
        const { employees, why } = abandoned;
        say(`Run ${abandoned.id} was abandoned: ${why}; it had read ${count(employees)} employees`);
      }
      if (resumed) say(`Run ${id} continues where it stopped`);
    },
    outage(state) {
      if (state === null) say('The directory answers again');
    },
  };
}
