import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Account } from './account.js';
import { endProcess, hasGone } from './process-table.js';
import { openLog } from './server-log.js';

/** How a server is told to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM';

/** How long a server may take for an orderly stop before it is killed. */
export const STOP_GRACE_MS = 30_000;

/** How long the guard of a killed watchdog may take to notice. */
const GUARD_MS = 2_000;

/**
 * Runs "$@" and holds fd 3, a pipe of which the parent has the other end. End of file on it (the parent let go, or
 * died in whatever way) stops the server: the signal first, SIGKILL after the grace. The server has neither end of
 * the pipe. Two shells wait, one for the server and one for the pipe; each does its part when the other is killed.
 * They ignore signals meant for a whole group of processes: the order of stopping is the parent's business.
 */
const WATCHDOG = `
signal=$1 tenths=$2
shift 2
exec 3<&0 4>&1 </dev/null >&2
"$@" 3<&- 4>&- &
server=$!
trap '' HUP INT TERM
(
  exec 4>&-
  while read -r line <&3; do :; done
  kill -s "$signal" "$server" 2>/dev/null
  while [ "$tenths" -gt 0 ] && kill -0 "$server" 2>/dev/null; do
    tenths=$((tenths - 1))
    sleep 0.1
  done
  kill -s KILL "$server" 2>/dev/null
) &
guard=$!
exec 3<&-
echo "$server" >&4
exec 4>&-
wait "$server"
code=$?
kill -s KILL "$guard" 2>/dev/null
exit "$code"
`;

/** What to run under a watchdog. */
export interface WatchedCommand {
  readonly command: readonly string[];
  readonly stopSignal: StopSignal;
  /** Takes stdout and stderr of the command. */
  readonly logFile: string;
  readonly account?: Account | undefined;
  /** The whole environment of the command. */
  readonly env: NodeJS.ProcessEnv;
  /** Where it runs; `/` without it, so that it keeps no directory busy. */
  readonly cwd?: string | undefined;
}

/** What a server of others needs of our environment: as good as nothing. */
export function bareEnvironment({ PATH }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { PATH, LC_ALL: 'C' };
}

/** One run of a command under a watchdog, from its start to its end. */
export interface WatchedProcess {
  /** Pid of the command itself, not of its watchdog. */
  readonly pid: number;
  /** Resolves when command and watchdog are gone, with the reason in words (`exit 1`, `SIGKILL`). */
  readonly ended: Promise<string>;
  /** Asks it to stop, kills it after the grace, resolves when it is gone. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a command that outlives neither a stop nor this process.
 *
 * @throws Error when it cannot be started at all
 */
export async function startWatched(what: WatchedCommand): Promise<WatchedProcess> {
  const { stopSignal, account, cwd = '/', env } = what;
  const log = openLog(what.logFile);
  const tenths = String(STOP_GRACE_MS / 100);
  const watchdog = spawn(
    '/bin/sh',
    ['-c', WATCHDOG, 'signalbox-watchdog', stopSignal.slice('SIG'.length), tenths, ...what.command],
    {
      stdio: ['pipe', 'pipe', log],
      detached: true,
      cwd,
      env,
      ...account,
    },
  ) as ChildProcessByStdio<Writable, Readable, null>;
  closeSync(log);
  watchdog.stdin.on('error', () => undefined); // it may be gone before it is told
  const exited = once(watchdog, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  exited.catch(() => undefined); // a failed spawn is thrown by the race

  const told = firstNumber(watchdog.stdout);
  const pid = await Promise.race([told, exited.then(() => told)]);
  watchdog.stdout.destroy();
  if (pid === undefined) throw new Error(`the watchdog of ${what.command[0] ?? 'nothing'} did not start`);

  const ended = exited.then(async ([code, signal]) => {
    watchdog.stdin.destroy();
    // Only a killed watchdog can leave the server behind; its guard stops it, else we do.
    if (signal !== null && !(await hasGone(pid, GUARD_MS))) await endProcess(pid, stopSignal, STOP_GRACE_MS);
    return inWords(code, signal);
  });
  return {
    pid,
    ended,
    stop: async () => {
      watchdog.stdin.end();
      await ended;
    },
  };
}

async function firstNumber(stream: Readable): Promise<number | undefined> {
  for await (const line of createInterface({ input: stream })) return Number(line);
  return undefined;
}

/** The shell tells a server killed by signal n as exit 128 + n. */
function inWords(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal) return `its watchdog got ${signal}`;
  const name = Object.entries(constants.signals).find(([, number]) => number === (code ?? 0) - 128)?.[0];
  return name ?? `exit ${code}`;
}
