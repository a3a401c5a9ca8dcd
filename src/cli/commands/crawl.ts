import { CrawlApp } from '../../app/crawl-app.ts';
import type { Config } from '../../config/options.ts';
import type { CrawlObserver } from '../../crawl/crawl.ts';
import { EXIT, type ExitCode } from '../../domain/errors.ts';
import type { Call } from '../command.ts';
import { nothingToRetryJson } from '../nothing-to-retry.ts';
import { passwordOf } from '../password.ts';
import { ProgressDisplay } from '../progress.ts';
import { StopSignals } from '../stop-signals.ts';
import { exitCodeOf, summaryJson, summaryText } from '../summary.ts';
import { elapsed, type Io, plural } from '../terminal.ts';

export async function run({ config }: Call<'crawl'>, io: Io): Promise<ExitCode> {
  const result = await withCrawl(config, io, async (app) => {
    const nothingToRetry = config.retryFailed && app.failedBranches() === 0;
    return nothingToRetry ? app.publishedEmployees : app.run();
  });
  if (typeof result === 'number') return tellNothingToRetry(config, io, result);
  if (config.json) io.out(`${JSON.stringify(summaryJson(result))}\n`);
  else io.err(summaryText(result, config.db));
  return exitCodeOf(result);
}

function tellNothingToRetry({ json }: Config<'crawl'>, io: Io, employees: number): ExitCode {
  if (json) io.out(`${JSON.stringify(nothingToRetryJson(employees))}\n`);
  else io.err('Nothing failed in the published run.\n');
  return EXIT.ok;
}

/** A crawl with live progress that signals can stop. What it built is closed when this resolves. */
export async function withCrawl<T>(
  config: Config<'crawl'>,
  io: Io,
  use: (app: CrawlApp) => Promise<T>,
): Promise<T> {
  const password = await passwordOf(config, io);
  const talk = { say: (text: string) => io.err(`${text}\n`) };
  await using app = new CrawlApp(
    config,
    password,
    observer((text) => talk.say(text), config),
  );
  using display = new ProgressDisplay(io, config.progress, () => app.progress());
  talk.say = (text) => display.say(text);
  using _signals = new StopSignals((reason) => {
    talk.say(`${reason.message}: stopping after the page in flight; once more to exit now`);
    app.stop(reason);
  });
  return await use(app);
}

/** What a person must know although the crawl goes on. */
function observer(say: (text: string) => void, { outageBudgetMs }: Config<'crawl'>): CrawlObserver {
  const patience = `${elapsed(outageBudgetMs / 1_000)} at most`;
  let away = false;
  return {
    started({ id, resumed, abandoned, retries }) {
      if (abandoned !== null) {
        const { employees, why } = abandoned;
        say(
          `Run ${abandoned.id} was abandoned: ${why}; it had read ${plural(employees, 'employee')}`,
        );
      }
      if (resumed) say(`Run ${id} continues where it stopped`);
      if (retries === undefined) return;
      const failed = plural(retries.branches, 'branch', 'branches');
      say(`Run ${id} reads the ${failed} that failed in run ${retries.run}, and what lies below`);
    },
    notice: say,
    outage(state) {
      if (state !== null && !away)
        say(`The directory does not answer: waiting for it, ${patience}`);
      if (state === null && away) say('The directory answers again');
      away = state !== null;
    },
  };
}
