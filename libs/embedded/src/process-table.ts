import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { deadlinePassed, pollUntil } from './poll-until.js';

const run = promisify(execFile);

/** How long a process may take to go after SIGKILL: the kernel only has to clean up. */
const KILL_MS = 5_000;

/** Whether this process exists and still runs (a zombie does not). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, it is only not ours.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return procStat(pid)?.state !== 'Z';
}

/** The arguments of a process in one string, from /proc or else from ps; undefined when neither tells. */
export async function commandLine(pid: number): Promise<string | undefined> {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return ps(pid, 'command=');
  }
}

/** The pid of the parent of a process; undefined when it is gone or cannot be told. */
export async function parentOf(pid: number): Promise<number | undefined> {
  const parent = procStat(pid)?.parent ?? Number(await ps(pid, 'ppid='));
  return Number.isInteger(parent) && parent > 0 ? parent : undefined;
}

/** Waits until the process has gone; false when it has not within `withinMs`. */
export async function hasGone(pid: number, withinMs: number): Promise<boolean> {
  return pollUntil(() => !isAlive(pid), deadlinePassed(withinMs));
}

/** Sends `signal`, and SIGKILL when the process is still there after `graceMs`. Resolves when it has gone. */
export async function endProcess(pid: number, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  send(pid, signal);
  if (await hasGone(pid, graceMs)) return;
  send(pid, 'SIGKILL');
  await hasGone(pid, KILL_MS);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function procStat(pid: number): { state: string; parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // pid (name) state ppid …; the name may hold spaces and parentheses
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

async function ps(pid: number, column: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-ww', '-o', column, '-p', String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
