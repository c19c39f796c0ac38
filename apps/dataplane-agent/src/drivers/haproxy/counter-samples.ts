import {
  readsRequests,
  type RecentTimes,
  type RequestCounters,
  RESPONSE_CLASSES,
  type ResponseClass,
} from '@signalbox/contracts';
import type { ListenerCounters, PoolCounters, TargetCounters } from '../driver.js';
import { statRows } from './answers.js';
import type { Counts, CounterLedger, ProcessCounts } from './counter-ledger.js';
import { ownerProxy, serverName } from './haproxy-names.js';
import type { PlacedListener } from './placed-listener.js';
import { type ServerGroup, serverGroups } from './server-group.js';

/** Rows of a section that are no server. */
const FRONTEND = 'FRONTEND';
const BACKEND = 'BACKEND';
/**
 * What all sections of a listener counted together, made from theirs: a process has the same ones as long as it lives, so it
 * only grows, whichever pools policies name in the next one.
 */
const SECTIONS = 'sections';

/** What one process told of itself by `show stat`. */
export interface StatSample {
  readonly counts: ProcessCounts;
  /** Connections that stand, by section or server. */
  readonly standing: ReadonlyMap<string, number>;
  /** Requests of the last second, by section. */
  readonly rates: ReadonlyMap<string, number>;
  /** How long requests took lately, by section; of those that had any. */
  readonly times: ReadonlyMap<string, RecentTimes>;
}

type Cell = (name: string) => number;

export function statSample(answer: string): StatSample {
  const counts = new Map<string, Counts>();
  const standing = new Map<string, number>();
  const rates = new Map<string, number>();
  const times = new Map<string, RecentTimes>();
  for (const cell of statRows(answer)) {
    const number: Cell = (name) => Number(cell(name)) || 0;
    const row = cell('svname');
    const key = keyOf(cell('pxname'), row);
    standing.set(key, number('scur'));
    counts.set(key, {
      connections: number('stot'),
      // a connect that failed and went on to another server, was tried again, or was given up
      failed: number('wredis') + number('wretr') + number('econ'),
      denied: number('dcon'),
      bytesIn: number('bin'),
      bytesOut: number('bout'),
      ...(row === FRONTEND && requestCounts(number)),
    });
    if (row === FRONTEND) rates.set(key, number('req_rate'));
    if (row !== BACKEND) continue;
    if (number('req_tot') > 0) times.set(key, recentTimes(number));
    const sections = keyOf(ownerProxy(cell('pxname')), SECTIONS);
    const { unserved = 0, unanswered = 0 } = counts.get(sections) ?? {};
    counts.set(sections, {
      unserved: unserved + number('econ'),
      unanswered: unanswered + number('eresp'),
    });
  }
  return { counts, standing, rates, times };
}

function requestCounts(number: Cell): Counts {
  return {
    requests: number('req_tot'),
    rejected: number('dreq'),
    broken: number('ereq'),
    ...Object.fromEntries(RESPONSE_CLASSES.map((name) => [name, number(`hrsp_${name}`)])),
  };
}

function recentTimes(number: Cell): RecentTimes {
  return { connectMs: number('ctime'), responseMs: number('rtime'), totalMs: number('ttime') };
}

/**
 * Counters of what HAProxy serves, from the totals and from what stands in all of its processes; `serving`: of the one that accepts,
 * which says what is so now.
 */
export function listenerCounters(
  listeners: readonly PlacedListener[],
  ledger: CounterLedger,
  samples: readonly StatSample[],
  serving: StatSample | undefined,
): ListenerCounters[] {
  const standing = (key: string) => samples.reduce((sum, sample) => sum + (sample.standing.get(key) ?? 0), 0);
  const traffic = (key: string) => ({
    connections: standing(key),
    connectionsTotal: ledger.total(key, 'connections'),
    bytesIn: ledger.total(key, 'bytesIn'),
    bytesOut: ledger.total(key, 'bytesOut'),
  });
  const targetsOf = ({ proxy, targets }: ServerGroup) =>
    targets.map((target): TargetCounters => {
      const key = keyOf(proxy, serverName(target));
      return {
        address: target.address,
        port: target.port,
        ...traffic(key),
        errorsTotal: ledger.total(key, 'failed'),
      };
    });
  const timesOf = ({ proxy }: ServerGroup) => {
    const times = serving?.times.get(keyOf(proxy, BACKEND));
    return times && { times };
  };
  return listeners.map((listener): ListenerCounters => {
    const [own, ...pools] = serverGroups(listener) as [ServerGroup, ...ServerGroup[]];
    const frontend = keyOf(own.proxy, FRONTEND);
    const ofAll = (name: string) => ledger.total(keyOf(own.proxy, SECTIONS), name);
    const requests = (): RequestCounters => ({
      total: ledger.total(frontend, 'requests'),
      responses: Object.fromEntries(
        RESPONSE_CLASSES.map((name) => [name, ledger.total(frontend, name)]),
      ) as Record<ResponseClass, number>,
      rejectedTotal: ledger.total(frontend, 'rejected'),
      brokenTotal: ledger.total(frontend, 'broken'),
      failedTotal: ofAll('unanswered'),
      perSecond: serving?.rates.get(frontend) ?? 0,
    });
    return {
      listener: listener.name,
      ...traffic(frontend),
      refusedTotal: ledger.total(frontend, 'denied') + ofAll('unserved'),
      targets: targetsOf(own),
      ...(readsRequests(listener.protocol) && { requests: requests(), ...timesOf(own) }),
      ...(pools.length > 0 && {
        policyPools: pools.map((group): PoolCounters => ({
          pool: group.pool ?? '',
          targets: targetsOf(group),
          ...timesOf(group),
        })),
      }),
    };
  });
}

/** Keys that {@link listenerCounters} asks for. */
export function counterKeys(listeners: readonly PlacedListener[]): ReadonlySet<string> {
  return new Set(
    listeners
      .flatMap(serverGroups)
      .flatMap(({ proxy, targets }) =>
        [FRONTEND, SECTIONS, ...targets.map(serverName)].map((row) => keyOf(proxy, row)),
      ),
  );
}

function keyOf(proxy: string, row: string): string {
  return `${proxy}/${row}`;
}
