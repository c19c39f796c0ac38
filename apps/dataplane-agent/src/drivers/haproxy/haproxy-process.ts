import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { readFile, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Expiry, unavailable } from './expiry.js';
import type { ProcessTable } from './answers.js';
import type { HaproxyControl } from './haproxy-control.js';
import { systemCode } from './system-code.js';

/** How a HAProxy of our own is started. */
export interface ProcessSettings {
  /** Path or name of the program. */
  readonly program: string;
  readonly configFile: string;
  readonly masterSocket: string;
}

/** How long an orderly end may take before it is forced. Milliseconds. */
const END_MS = 5_000;

const MOST_LOG_BYTES = 1024 * 1024;

/** End of the log that an error repeats. Characters. */
const MOST_LOG_CHARACTERS = 1_000;

/**
 * A HAProxy that is ours: it has a process group and a log file of its own, so it goes on serving when the agent dies, is found
 * again by its sockets, and ends when the agent that has it by then is closed in order.
 */
export class HaproxyProcess {
  /** `ended`: called when one that was started here ends by itself, after it served. */
  constructor(
    private readonly settings: ProcessSettings,
    private readonly control: HaproxyControl,
    private readonly ended: () => void = () => undefined,
  ) {}

  /** Starts it and waits until it serves. Rejects with `data-plane-unavailable` and what it said when it does not. */
  async start(expiry: Expiry): Promise<void> {
    const { program, configFile, masterSocket } = this.settings;
    const { logFile } = this;
    mkdirSync(dirname(masterSocket), { recursive: true });
    rmSync(logFile, { force: true });
    const log = openSync(logFile, 'a', 0o600);
    const args = ['-W', '-S', `${masterSocket},mode,600`, '-f', configFile];
    const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    child.unref();
    const begun = new AbortController();
    const serves = this.untilServing(expiry).finally(() => begun.abort());
    await Promise.race([serves, failureOf(child, program, logFile, begun.signal)]);
    if (child.exitCode === null && child.signalCode === null) child.once('exit', () => this.ended());
  }

  /** Begins the log anew when it is long: HAProxy writes a line for each listener at each reload. */
  async boundLog(): Promise<void> {
    const { size } = await stat(this.logFile).catch(() => ({ size: 0 }));
    if (size > MOST_LOG_BYTES) await truncate(this.logFile);
  }

  /** Ends it with all its connections; nothing when it does not run. */
  async end(): Promise<void> {
    const expiry = new Expiry({ deadlineMs: END_MS });
    const table = await this.table(expiry);
    if (!table) return;
    const pids = [table.master, table.worker, ...table.oldWorkers].filter((pid) => pid !== undefined);
    signal(table.master, 'SIGTERM');
    if (await areGone(pids, expiry)) return;
    for (const pid of pids) signal(pid, 'SIGKILL');
  }

  /** Undefined when it does not run, or does not answer in time: one that is busy with its start may cut off who asks. */
  private async table(expiry: Expiry): Promise<ProcessTable | undefined> {
    while (!expiry.signal.aborted) {
      try {
        return await this.control.processes(expiry);
      } catch {
        await expiry.pause('HAProxy to name its processes').catch(() => undefined);
      }
    }
    return undefined;
  }

  private get logFile(): string {
    return `${this.settings.configFile}.log`;
  }

  private async untilServing(expiry: Expiry): Promise<void> {
    await this.control.untilServing(undefined, expiry);
    await this.control.processes(expiry);
  }
}

/** Its sockets close before its processes end, which serve until then. */
async function areGone(pids: readonly number[], expiry: Expiry): Promise<boolean> {
  while (pids.some((pid) => signal(pid, 0))) {
    if (expiry.signal.aborted) return false;
    await expiry.pause('HAProxy to end').catch(() => undefined);
  }
  return true;
}

/** Rejects when the program cannot be started, or ends before `serves`. */
async function failureOf(
  child: ChildProcess,
  program: string,
  logFile: string,
  serves: AbortSignal,
): Promise<never> {
  return new Promise((_resolve, reject) => {
    child.once('error', (error) =>
      reject(
        unavailable(`${program} cannot be started; install HAProxy 2.6 or newer, or name the program`, error),
      ),
    );
    child.once('exit', (code, ended) => {
      if (serves.aborted) return;
      void readFile(logFile, 'utf8').then(
        (log) =>
          reject(
            unavailable(
              `HAProxy ended at once (${code ?? ended}): ${log.slice(-MOST_LOG_CHARACTERS).trim()}`,
            ),
          ),
        reject,
      );
    });
  });
}

/** False: there is no such process any more. Signal 0 only asks. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
    return false;
  }
}
