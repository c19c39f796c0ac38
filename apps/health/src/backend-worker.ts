import type { BackendVitals, Endpoint, HealthResult } from '@signalbox/contracts';
import type { SavedCounter } from './counter-cache.js';
import { type Check, STATIC_COUNTER } from './domain/check.js';
import type { CounterRules } from './domain/counter.js';
import type { Machine } from './domain/machine.js';

/** One backend as this process knows it. Whatever probe was started under an older `epoch` is too late (R12). */
export interface BackendWorker {
  /** Scoped, as are the names of its check and of what it depends on. */
  readonly name: string;
  machine: Machine;
  endpoint: Endpoint;
  check?: Check;
  configEnabled: boolean;
  dependsOn: readonly string[];
  /** Of its newest record. */
  version: number;
  since: string;
  result: HealthResult;
  epoch: number;
  degraded?: string;
  last?: NonNullable<BackendVitals['last']>;
}

/** Rules of its counter. */
export function counterRules({ check }: Pick<BackendWorker, 'check'>): CounterRules {
  return check?.counter ?? STATIC_COUNTER;
}

/** What the cache keeps of it. */
export function savedCounter({ version, machine }: Pick<BackendWorker, 'version' | 'machine'>): SavedCounter {
  return { version, counter: machine.counter, verified: machine.verified };
}
