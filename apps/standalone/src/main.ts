import { productDir, SERVICES } from '@signalbox/contracts';
import { settleServices } from '@signalbox/embedded';
import { boot, readSiteConfig } from '@signalbox/runtime';
import { bannerText } from './banner.js';
import { type EmbeddedSite, startSite } from './embedded-site.js';
import { natsKeys } from './nats-keys.js';
import { readOptions, USAGE } from './options.js';
import { chooseApiPort, keepPorts } from './ports.js';
import { startSeparately } from './separate-services.js';
import { loadServices } from './services.js';
import { lockState } from './state-lock.js';

/** What asks for an orderly stop; the exit status is 0 then, which supervisors take as clean. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How long a stop waits for services that are still starting: they have nothing in work. Milliseconds. */
const START_STOP_LIMIT_MS = 2000;

/** Starts servers and services, says where they are, and stops them in reverse order when a signal asks for it. */
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
  for (const signal of STOP_SIGNALS) {
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
    await settleServices(SERVICES, stateDir, log);
    const keys = separate ? natsKeys(stateDir, process.env) : undefined;
    const [services, servers] = await Promise.all([
      separate ? undefined : loadServices(options.only),
      startSite({ stateDir, env: process.env, keys, log }),
    ]);
    site = servers;
    const env = { ...process.env, ...site.env };
    // a port that the operator named is that or none
    const apiMoves = process.env['HTTP_PORT'] === undefined;
    const otherPort = (taken: number): Promise<number> => chooseApiPort(taken, log);
    running = services
      ? await unlessStopped(
          boot(
            services,
            readSiteConfig({ LOG_LEVEL: 'warn', ...env }),
            abort.signal,
            apiMoves ? otherPort : undefined,
          ),
          abort.signal,
        )
      : await startSeparately(options.only, {
          config: readSiteConfig(env),
          env,
          keys,
          apiMoves,
          log,
          signal: abort.signal,
        });
    await keepPorts(stateDir, { api: Number(new URL(running.url).port) });
    const { NATS_URL: natsUrl = '', DATABASE_URL: databaseUrl = '' } = site.env;
    process.stdout.write(
      bannerText({
        ...{ apiUrl: running.url, natsUrl, databaseUrl, stateDir, separate, checkout: productDir() },
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

/** As `started`, unless a stop is asked for and the start does not end soon: servers that are gone would keep it for ever. */
async function unlessStopped<T>(started: Promise<T>, signal: AbortSignal): Promise<T> {
  let limit: NodeJS.Timeout | undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    const give = (): void => {
      limit = setTimeout(() => reject(new Error('stopped while it was starting')), START_STOP_LIMIT_MS);
    };
    signal.addEventListener('abort', give, { once: true });
  });
  try {
    return await Promise.race([started, stopped]);
  } finally {
    clearTimeout(limit);
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
