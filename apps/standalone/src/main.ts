import { boot, readSiteConfig, type RunningServices } from '@signalbox/runtime';
import { bannerText } from './banner.js';
import { type EmbeddedSite, startSite } from './embedded-site.js';
import { readOptions, USAGE } from './options.js';
import { loadServices } from './services.js';
import { lockState } from './state-lock.js';

/** Starts servers and services, says where they are, and stops them in reverse order on SIGINT or SIGTERM. */
async function main(): Promise<void> {
  const started = performance.now();
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  const abort = new AbortController();
  let finish: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (finish = resolve));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      abort.abort();
      finish();
    });
  }
  const unlock = await lockState(options.stateDir);
  let site: EmbeddedSite | undefined;
  let running: RunningServices | undefined;
  try {
    const [services, servers] = await Promise.all([
      loadServices(options.only),
      startSite(options.stateDir, process.env, (line) => process.stderr.write(`${line}\n`)),
    ]);
    site = servers;
    const env = { LOG_LEVEL: 'warn', ...process.env, ...site.env };
    running = await boot(services, readSiteConfig(env), abort.signal);
    const { NATS_URL: natsUrl = '', DATABASE_URL: databaseUrl = '' } = site.env;
    const startedInMs = performance.now() - started;
    process.stdout.write(
      bannerText({ apiUrl: running.url, natsUrl, databaseUrl, stateDir: options.stateDir, startedInMs }),
    );
    await asked;
    process.stdout.write('stopping …\n');
  } finally {
    await running?.stop();
    await site?.stop();
    await unlock();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
