import { readFileSync, statSync } from 'node:fs';
import { PROCESS_LIMITS } from '../limits.js';
import { processIds, signalProcess } from '../process-group.js';

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
