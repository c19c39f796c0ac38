import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { dataDirOf, type PostgresHome } from './postgres-home.js';
import { isOurs, settle, type ServerIdentity } from './previous-run.js';
import { isAlive } from './process-table.js';
import { logTail } from './server-log.js';
import { startWatched, type WatchedCommand } from './watchdog.js';

const UNFINISHED = 'unfinished-';

/** No process has this pid on any system we run on: it is above every limit of pids. */
const NO_PID = 999_999_999;

/** The only role there is, and the database that every service uses. */
export const POSTGRES_USER = 'signalbox';

/**
 * Makes the data directory unless it is there. It is made under another name and renamed when done, so a first start
 * that was killed is simply done again.
 *
 * @throws Error with the last lines of initdb's log when it fails
 */
export async function ensureCluster(
  home: PostgresHome,
  initdb: { readonly command: string } & Pick<WatchedCommand, 'env' | 'logFile'>,
): Promise<string> {
  const { logFile } = initdb;
  const dataDir = dataDirOf(home.dir);
  for (const name of readdirSync(home.dir))
    if (name.startsWith(UNFINISHED))
      rmSync(join(home.dir, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  if (existsSync(dataDir)) return dataDir;

  const unfinished = join(home.dir, `${UNFINISHED}${randomUUID()}`);
  const options = ['--auth=trust', '--locale=C', '-E', 'UTF8', '--no-sync', `--username=${POSTGRES_USER}`];
  const run = await startWatched({
    command: [initdb.command, ...options, '-D', unfinished],
    stopSignal: 'SIGTERM',
    logFile,
    env: initdb.env,
    account: home.account,
  });
  const reason = await run.ended;
  if (reason !== 'exit 0') throw new Error(`initdb failed (${reason}), see ${logFile}:\n${logTail(logFile)}`);
  renameSync(unfinished, dataDir);
  return dataDir;
}

/**
 * Looks after the lock that a killed Postgres leaves in its data directory. Postgres itself takes a lock whose process
 * is gone; it would refuse when an unrelated process has that pid now, as after a reboot.
 */
export async function settleLock(
  server: ServerIdentity,
  dataDir: string,
  log: (line: string) => void,
): Promise<void> {
  const lock = join(dataDir, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const [first = '', ...rest] = readFileSync(lock, 'utf8').split('\n');
  const pid = Number(first);
  if (!(pid > 0) || !isAlive(pid)) return;
  if (await isOurs(pid, server.marker)) return settle(pid, server, log);
  // Not removed: the other lines let Postgres see whether a session of the killed one is still at the data.
  writeFileSync(lock, [NO_PID, ...rest].join('\n'));
}
