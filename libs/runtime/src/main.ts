import { boot, type RunningServices } from './boot.js';
import { areWithoutStore, type Service } from './service.js';
import { readSiteConfig } from './site-config.js';

/** A stop takes no longer than this, whatever hangs: what was in work comes again. Milliseconds. */
const STOP_LIMIT_MS = 9000;
/** The same for a process that is still starting: it has nothing in work. */
const START_STOP_LIMIT_MS = 2000;

/** Entry point of a service that runs alone: environment in, signals handled, exit code out. */
export async function runMain(services: readonly Service[]): Promise<void> {
  const abort = new AbortController();
  let running: RunningServices | undefined;
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    abort.abort();
    limitStop(running);
    if (running) void running.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  try {
    const config = readSiteConfig(process.env, { withoutStore: areWithoutStore(services) });
    running = await boot(services, config, abort.signal);
    if (stopping) {
      limitStop(running);
      await running.stop();
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(stopping ? 0 : 1);
  }
}

let limit: NodeJS.Timeout | undefined;

function limitStop(running: RunningServices | undefined): void {
  clearTimeout(limit);
  if (!running) {
    limit = setTimeout(() => process.exit(0), START_STOP_LIMIT_MS);
    return;
  }
  limit = setTimeout(() => {
    running.log.warn({ limitMs: STOP_LIMIT_MS }, 'not everything could be stopped in time');
    process.exit(1);
  }, STOP_LIMIT_MS);
}
