import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { commandLine, endProcess, hasGone, isAlive, parentOf } from './process-table.js';
import { STOP_GRACE_MS, type StopSignal } from './watchdog.js';

/** How long the watchdog of a killed parent may take to stop its server. */
const WATCHDOG_MS = 5_000;

/** What tells a server of ours from any other process. */
export interface ServerIdentity {
  readonly name: string;
  /** One argument of its command line that no other process has: the data directory, a file of its own. */
  readonly marker: string;
  readonly pidFile: string;
  readonly stopSignal: StopSignal;
}

/** Notes a running server for the next start. */
export function writePidFile(pidFile: string, server: number): void {
  writeFileSync(pidFile, `${server} ${process.pid}\n`);
}

/** Forgets a server that was stopped. */
export function removePidFile(pidFile: string): void {
  rmSync(pidFile, { force: true });
}

/**
 * Makes sure that no server of a previous run is on our data: one whose parent died is being stopped by its
 * watchdog, so wait for that; stop it ourselves when nobody does.
 *
 * @throws Error when another living process runs the server
 */
export async function settlePreviousRun(server: ServerIdentity, log: (line: string) => void): Promise<void> {
  const [pid, owner] = readPids(server.pidFile);
  if (pid !== undefined && (await isOurs(pid, server.marker))) {
    const watchdog = await parentOf(pid);
    if (watchdog !== undefined && owner !== undefined && (await parentOf(watchdog)) === owner)
      throw new Error(
        `${server.name} is already running for process ${owner} on the same data, stop that first`,
      );
    await settle(pid, server, log);
  }
  removePidFile(server.pidFile);
}

/** Waits for a server of ours that nobody owns any more, then stops it. */
export async function settle(
  pid: number,
  server: ServerIdentity,
  log: (line: string) => void,
): Promise<void> {
  log(`${server.name} of a previous run (pid ${pid}) is still there, waiting for it to stop`);
  if (await hasGone(pid, WATCHDOG_MS)) return;
  log(`stopping ${server.name} of a previous run (pid ${pid})`);
  await endProcess(pid, server.stopSignal, STOP_GRACE_MS);
}

/** Whether this pid is alive and runs with our data; false too when the system does not tell. */
export async function isOurs(pid: number, marker: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  return ` ${(await commandLine(pid)) ?? ''} `.includes(` ${marker} `);
}

function readPids(pidFile: string): [server: number | undefined, owner: number | undefined] {
  try {
    const [server, owner] = readFileSync(pidFile, 'utf8').split(/\s+/).map(Number);
    return [server || undefined, owner || undefined];
  } catch {
    return [undefined, undefined];
  }
}
