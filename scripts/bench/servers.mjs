// NATS and Postgres alone, as a site starts them, for limits.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../prepare.mjs';
import { CACHE_DIR } from './site.mjs';

/**
 * Starts both servers with the settings of an embedded site, without users.
 *
 * @returns {Promise<{ natsUrl: string, databaseUrl: string, roots: () => object[], stop: () => Promise<void> }>} roots:
 *   for {@link processorTime}
 */
export async function startServers(state, sync = 'default') {
  const { startNats, startPostgres } = await import(
    pathToFileURL(join(ROOT, 'dist', 'libs', 'embedded', 'src', 'index.js')).href
  );
  const options = { env: process.env, stateDir: state, cacheDir: CACHE_DIR, log: () => undefined };
  const starts = await Promise.allSettled([
    startNats({ ...options, ...(sync !== 'default' && { sync }) }),
    startPostgres(options),
  ]);
  const running = starts.filter(({ status }) => status === 'fulfilled').map(({ value }) => value);
  const stop = () => Promise.all(running.map((server) => server.stop()));
  const failure = starts.find(({ status }) => status === 'rejected');
  if (failure) {
    await stop();
    throw failure.reason;
  }
  const [nats, postgres] = running;
  return {
    natsUrl: nats.url,
    databaseUrl: postgres.url,
    roots: () => [
      { pid: nats.pid(), label: 'nats-server' },
      { pid: postgres.pid(), label: 'postgres' },
    ],
    stop,
  };
}
