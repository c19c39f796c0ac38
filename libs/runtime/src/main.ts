import { boot, type RunningServices, type Service } from './boot.js';
import { readSiteConfig } from './site-config.js';

/** Entry point of a service that runs alone: environment in, signals handled, exit code out. */
export async function runMain(services: readonly Service[]): Promise<void> {
  const abort = new AbortController();
  let running: RunningServices | undefined;
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    abort.abort();
    if (running) void running.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  try {
    running = await boot(services, readSiteConfig(process.env), abort.signal);
    if (stopping) await running.stop();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(stopping ? 0 : 1);
  }
}
