// Whether the machine is busy with other things than the bench.
import { availableParallelism } from 'node:os';
import { existsSync, readFileSync } from 'node:fs';
import { pause } from './pause.mjs';
import { processorTime } from './processor-time.mjs';

/** Others use less than this share of all processors: quiet. */
export const QUIET_SHARE = 0.15;
/** How long one look at the machine takes. */
export const LOOK_MS = 1000;
const TICKS_PER_SECOND = 100;

/** Waits until others leave the machine alone for a second, `patienceMs` at most; returns the share that they used last. */
export async function untilQuiet(patienceMs) {
  for (const end = performance.now() + patienceMs; ;) {
    const look = othersShare();
    await pause(LOOK_MS);
    const share = look();
    if (!(share > QUIET_SHARE) || performance.now() > end) return share;
  }
}

/**
 * Begins to watch; the returned function tells which share of all processors was used since then by anything that is not
 * below this process. NaN where the system does not tell.
 */
export function othersShare() {
  const [busy, ours, began] = [busySeconds(), ourSeconds(), performance.now()];
  return () => {
    const capacity = ((performance.now() - began) / 1000) * availableParallelism();
    return Math.max(0, busySeconds() - busy - (ourSeconds() - ours)) / capacity;
  };
}

/** Everything but idle and waiting for a disk, of all processors. */
function busySeconds() {
  if (!existsSync('/proc/stat')) return NaN;
  const [user, nice, system, , , irq, softirq, steal = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
}

function ourSeconds() {
  const used = processorTime([{ pid: process.pid, label: 'ours' }]);
  return used?.get('ours') ?? NaN;
}
