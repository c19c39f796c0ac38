import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { PROCESS_LIMITS } from '../limits.js';
import { processIds, signalProcess } from '../process-group.js';
import type { PluginUser } from './plugin-user.js';

/** In the environment of every process of a run, and of all that they start unless they take it out. */
export const RUN_MARK = 'SIGNALBOX_RUN';

/**
 * Kills every process of a user that carries this mark in the environment it was started with, in whatever group or
 * session it is, until none is found. Needs a /proc; without one nothing is found. One that was started with an
 * environment of its own is not found either: only a sandbox or a control group holds that.
 */
export function killMarked(mark: string, uid: number | undefined): void {
  for (let sweep = 0; sweep < PROCESS_LIMITS.sweeps; sweep += 1) {
    const found = marked(mark, uid);
    if (found.length === 0) return;
    for (const pid of found) signalProcess(pid, 'SIGKILL');
  }
}

function marked(mark: string, uid: number | undefined): number[] {
  const entry = `${RUN_MARK}=${mark}`;
  return processIds().filter((pid) => {
    try {
      if (uid !== undefined && statSync(`/proc/${pid}`).uid !== uid) return false;
      // one that has ended and waits to be collected has no environment any more
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(entry);
    } catch {
      // it ended while it was looked at, or is not ours to look at
      return false;
    }
  });
}

/** Constant; the mark comes in as an argument. A process may always look at those of its own user. */
const SWEEP =
  'for file in $(grep -lsF -- "$1" /proc/[0-9]*/environ); do pid=${file#/proc/}; kill -9 "${pid%/environ}"; done';

/**
 * The same as the user whose processes they are: root in a container may kill processes of others, but not look at their
 * environment. One round; nothing is done when there is nothing that {@link killMarked} could not look at.
 */
export async function killMarkedAs(user: PluginUser, mark: string, isHidden = isClosed): Promise<void> {
  if (!processIds().some((pid) => isHidden(pid, user.uid))) return;
  const child = spawn('/bin/sh', ['-c', SWEEP, 'signalbox-sweep', `${RUN_MARK}=${mark}`], {
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    stdio: 'ignore',
    uid: user.uid,
    gid: user.gid,
  });
  await once(child, 'exit').catch((error: unknown) => {
    process.emitWarning(`processes that a plugin left could not be looked for: ${String(error)}`);
  });
}

function isClosed(pid: number, uid: number): boolean {
  try {
    if (statSync(`/proc/${pid}`).uid !== uid) return false;
    readFileSync(`/proc/${pid}/environ`);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
