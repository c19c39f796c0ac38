import type { NodeListenerReport } from '@signalbox/contracts';
import type { Desired } from './domain/desired.js';
import { flushKey, planFlushes } from './domain/flushes.js';
import { servingAsApplied, type ServingListener } from './domain/announcing/readiness.js';
import { reportListeners } from './domain/node-report.js';
import { trafficDigest } from './domain/traffic-digest.js';
import type { AppliedListener, DataplaneDriver } from './drivers/driver.js';
import type { Memory } from './memory.js';

/** After it a call of a data plane that changes no more than connections is given up. Milliseconds. */
export const DEADLINE = { deadlineMs: 10_000 } as const;

/** After it an apply is given up: longer than HAProxy may take to hand over its tables of clients, and to reload. Milliseconds. */
export const APPLY_DEADLINE = { deadlineMs: 20_000 } as const;

/** What came of an apply. */
export interface Turn {
  readonly applied: readonly AppliedListener[];
  readonly writes: number;
  readonly reports: readonly NodeListenerReport[];
  /** What takes clients now. */
  readonly serving: readonly ServingListener[];
  readonly trafficDigest: string | undefined;
}

/** Applies a state, and lets go of the ports of listeners that left. Throws what the driver throws. */
export async function applyState(
  driver: DataplaneDriver,
  desired: Desired,
  memory: Memory,
  before: readonly NodeListenerReport[],
): Promise<Turn> {
  const { listeners: applied, writes } = await driver.apply(desired.state, APPLY_DEADLINE);
  const names = new Set(applied.map(({ name }) => name));
  memory.ports = Object.fromEntries(Object.entries(memory.ports).filter(([name]) => names.has(name)));
  // what goes on although it was refused is read back
  const observed = applied.some((one) => one.state === 'refused') ? await driver.observe(DEADLINE) : [];
  return {
    ...{ applied, writes },
    reports: reportListeners(desired, applied, observed, before),
    serving: servingAsApplied(desired.state, applied, observed),
    trafficDigest: trafficDigest(desired.state, applied),
  };
}

/**
 * Cuts what has to be cut after a state was applied, and remembers each number once it is done. Returns whether anything was
 * cut. Throws what the driver throws; what was not done yet is due again then.
 */
export async function cutConnections(
  driver: DataplaneDriver,
  { state }: Desired,
  applied: readonly AppliedListener[],
  memory: Memory,
): Promise<boolean> {
  const standing = new Set(applied.filter((one) => one.state === 'applied').map(({ name }) => name));
  const { due, done } = planFlushes(state, standing, memory.flushesDone);
  memory.flushesDone = done;
  for (const flush of due) {
    const { flushes, ...which } = flush;
    if (driver.capabilities.flush) await driver.flush(which, DEADLINE);
    done[which.listener]![flushKey(which)] = flushes;
  }
  return due.length > 0;
}
