import { DEFAULT_TIMEOUTS, digestOf, type NodeListener, type NodeManifest } from '@signalbox/contracts';
import type { AppliedListener } from '../drivers/driver.js';
import type { Desired } from './desired.js';

/** A listener with targets on one address: port, weight, flushes. */
export function given(
  name: string,
  ...targets: readonly (readonly [number, number, number?])[]
): NodeListener {
  return {
    name,
    address: '192.0.2.10',
    protocol: 'tcp',
    port: 80,
    algorithm: 'round-robin',
    timeouts: DEFAULT_TIMEOUTS,
    targets: targets.map(([port, weight, flushes = 0]) => ({ address: '127.0.0.1', port, weight, flushes })),
  };
}

export function manifest(generation: number, listeners: readonly NodeListener[], epoch = 'e1'): NodeManifest {
  return {
    ...{ node: 'local', epoch, generation, driver: 'sim', syncIntervalMs: 30_000 },
    at: '2026-11-29T12:00:00Z',
    listeners: listeners.map((one) => ({ name: one.name, key: `key of ${one.name}`, digest: digestOf(one) })),
  };
}

export function desired(generation: number, ...listeners: readonly NodeListener[]): Desired {
  return {
    ...{ epoch: 'e1', at: '2026-11-29T12:00:00Z', driver: 'sim', syncIntervalMs: 30_000 },
    state: { node: 'local', generation, listeners },
    digests: Object.fromEntries(listeners.map((one) => [one.name, digestOf(one)])),
  };
}

export function applied(...names: readonly string[]): AppliedListener[] {
  return names.map((name) => ({ name, state: 'applied', listensAt: { address: '127.0.0.1', port: 4000 } }));
}

export function refused(name: string): AppliedListener {
  return { name, state: 'refused', error: { code: 'listen-failed', message: 'taken' } };
}
