import { settleServices } from '@signalbox/embedded';
import { boot, readSiteConfig } from '@signalbox/runtime';
import { bannerText } from './banner.js';
import { type EmbeddedSite, startSite } from './embedded-site.js';
import { natsKeys } from './nats-keys.js';
import { readOptions, SERVICE_NAMES, USAGE } from './options.js';
import { startSeparately } from './separate-services.js';
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
  const { stateDir, separate } = options;
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const unlock = await lockState(stateDir);
  let site: EmbeddedSite | undefined;
  let running: { readonly url: string; stop(): Promise<void> } | undefined;
  try {
    await settleServices(SERVICE_NAMES, stateDir, log);
    const keys = separate ? natsKeys(stateDir, process.env) : undefined;
    const [services, servers] = await Promise.all([
      separate ? undefined : loadServices(options.only),
      startSite({ stateDir, env: process.env, keys, log }),
    ]);
    site = servers;
    const env = { ...process.env, ...site.env };
    running = services
      ? await boot(services, readSiteConfig({ LOG_LEVEL: 'warn', ...env }), abort.signal)
      : await startSeparately(options.only, {
          config: readSiteConfig(env),
          env,
          keys,
          log,
          signal: abort.signal,
        });
    const { NATS_URL: natsUrl = '', DATABASE_URL: databaseUrl = '' } = site.env;
    process.stdout.write(
      bannerText({
        ...{ apiUrl: running.url, natsUrl, databaseUrl, stateDir, separate },
        publisherSeed: keys?.seedFile('publisher'),
        startedInMs: performance.now() - started,
      }),
    );
    await asked;
    process.stdout.write('stopping …\n');
  } catch (error) {
    if (!abort.signal.aborted) throw error;
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
