import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { EmbeddedOptions, EmbeddedServer } from './embedded-server.js';
import { findPostgres } from './postgres-binaries.js';
import { ensureCluster, POSTGRES_USER, settleLock } from './postgres-cluster.js';
import { choosePostgresHome, dataDirOf } from './postgres-home.js';
import { ensureDatabase, probePostgres } from './postgres-probe.js';
import { postgresArguments } from './postgres-settings.js';
import { settlePreviousRun } from './previous-run.js';
import { startSupervised } from './supervised-server.js';
import { bareEnvironment } from './watchdog.js';

const DATABASE = 'signalbox';

/**
 * Starts a Postgres on 127.0.0.1 with the database `signalbox`, data in `<stateDir>/pg`, and keeps it running. Root
 * runs it as the user `postgres`, else `nobody`; when that user cannot get at stateDir the data is in /var/tmp
 * (a temporary stateDir made by mkdtemp is such a case: make it 0711). Connections need no password.
 *
 * @throws Error when there is no embedded Postgres for this platform or it does not start
 */
export async function startPostgres(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { log } = options;
  const stateDir = resolve(options.stateDir);
  mkdirSync(stateDir, { recursive: true });
  const home = await choosePostgresHome(stateDir, log);
  const { initdb, postgres } = await findPostgres(home.account, log);
  const logFile = join(stateDir, 'postgres.log');
  const dataDir = dataDirOf(home.dir);
  const identity = {
    name: 'postgres',
    marker: dataDir,
    pidFile: join(stateDir, 'postgres.pid'),
    stopSignal: 'SIGINT',
  } as const;

  await settlePreviousRun(identity, log);
  const env = bareEnvironment(options.env);
  await ensureCluster(home, { command: initdb, env, logFile });
  await settleLock(identity, dataDir, log);

  const server = await startSupervised(
    {
      ...identity,
      env,
      dataDir,
      logFile,
      account: home.account,
      command: (port) => [postgres, ...postgresArguments(dataDir, port, options.settings)],
      probe: (port) => probePostgres(port, dataDir),
      url: (port) => `postgres://${POSTGRES_USER}@127.0.0.1:${port}/${DATABASE}`,
    },
    options,
  );
  try {
    await ensureDatabase(server.port, DATABASE);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}
