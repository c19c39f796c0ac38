import type { ListenerCounters, TargetCounters } from '../driver.js';
import { statRows } from './answers.js';
import type { Counts, CounterLedger, ProcessCounts } from './counter-ledger.js';
import { proxyName, serverName } from './haproxy-names.js';
import type { PlacedListener } from './placed-listener.js';

/** Rows of a section that are no server. */
const FRONTEND = 'FRONTEND';
const BACKEND = 'BACKEND';

/** What one process told of itself by `show stat`. */
export interface StatSample {
  readonly counts: ProcessCounts;
  /** Connections that stand, by section or server. */
  readonly standing: ReadonlyMap<string, number>;
}

export function statSample(answer: string): StatSample {
  const counts = new Map<string, Counts>();
  const standing = new Map<string, number>();
  for (const cell of statRows(answer)) {
    const number = (name: string) => Number(cell(name)) || 0;
    const key = keyOf(cell('pxname'), cell('svname'));
    standing.set(key, number('scur'));
    counts.set(key, {
      connections: number('stot'),
      // a connect that failed and went on to another server, was tried again, or was given up
      failed: number('wredis') + number('wretr') + number('econ'),
      unserved: number('econ'),
      denied: number('dcon'),
      bytesIn: number('bin'),
      bytesOut: number('bout'),
    });
  }
  return { counts, standing };
}

/** Counters of what HAProxy serves, from the totals and from what stands in all of its processes. */
export function listenerCounters(
  listeners: readonly PlacedListener[],
  ledger: CounterLedger,
  samples: readonly StatSample[],
): ListenerCounters[] {
  const standing = (key: string) => samples.reduce((sum, sample) => sum + (sample.standing.get(key) ?? 0), 0);
  const traffic = (key: string) => ({
    connections: standing(key),
    connectionsTotal: ledger.total(key, 'connections'),
    bytesIn: ledger.total(key, 'bytesIn'),
    bytesOut: ledger.total(key, 'bytesOut'),
  });
  return listeners.map((listener) => {
    const proxy = proxyName(listener.name);
    const frontend = keyOf(proxy, FRONTEND);
    return {
      listener: listener.name,
      ...traffic(frontend),
      refusedTotal: ledger.total(frontend, 'denied') + ledger.total(keyOf(proxy, BACKEND), 'unserved'),
      targets: listener.targets.map((target): TargetCounters => {
        const key = keyOf(proxy, serverName(target));
        return {
          address: target.address,
          port: target.port,
          ...traffic(key),
          errorsTotal: ledger.total(key, 'failed'),
        };
      }),
    };
  });
}

/** Keys that {@link listenerCounters} asks for. */
export function counterKeys(listeners: readonly PlacedListener[]): ReadonlySet<string> {
  return new Set(
    listeners.flatMap(({ name, targets }) => {
      const proxy = proxyName(name);
      return [FRONTEND, BACKEND, ...targets.map(serverName)].map((row) => keyOf(proxy, row));
    }),
  );
}

function keyOf(proxy: string, row: string): string {
  return `${proxy}/${row}`;
}
