import {
  type Capabilities,
  canonicalJson,
  type ErrorBody,
  type NodeListenerReport,
  type NodeRecord,
} from '@signalbox/contracts';
import type { AppliedListener, ObservedListener } from '../drivers/driver.js';
import type { Desired } from './desired.js';

/** What a node says of itself: all of it, where a record says what changed. */
export type NodeReport = Pick<
  NodeRecord,
  | 'driver'
  | 'state'
  | 'error'
  | 'epoch'
  | 'appliedGeneration'
  | 'capabilities'
  | 'listeners'
  | 'trafficDigest'
> &
  AnnounceReport;

/** What it says of the VIPs that it announces: all there are. Absent: none, no routers, not drained. */
export type AnnounceReport = Pick<NodeRecord, 'vips' | 'peers' | 'drained'>;

/** What a driver without one can do. */
export const NO_CAPABILITIES: Capabilities = {
  protocols: [],
  algorithms: [],
  affinity: [],
  flush: false,
  targetPorts: false,
  mixedFamilies: false,
  connectionLimit: false,
  maxTargets: 0,
};

/**
 * How the listeners stand after an apply, by name. One that stands as before keeps the generation in which it came to stand
 * so. Of a refused one it is told where it goes on, as `observed` has it.
 */
export function reportListeners(
  { state, digests }: Pick<Desired, 'state' | 'digests'>,
  applied: readonly AppliedListener[],
  observed: readonly ObservedListener[],
  before: readonly NodeListenerReport[],
): NodeListenerReport[] {
  const known = new Map(before.map((one) => [one.name, one]));
  const standing = new Map(observed.map((one) => [one.name, one]));
  return applied.map((result) => {
    const { name } = result;
    const old = known.get(name);
    const digest = digests[name] ?? '';
    const listensAt = result.state === 'applied' ? result.listensAt : standing.get(name)?.listensAt;
    const report: NodeListenerReport = {
      name,
      state: result.state,
      generation: state.generation,
      digest: result.state === 'refused' && listensAt ? (old?.digest ?? digest) : digest,
      ...(listensAt && { listensAt: { address: listensAt.address, port: listensAt.port } }),
      ...(result.state === 'refused' && { error: briefly(result.error) }),
      ...(result.state === 'applied' &&
        result.tableDigest !== undefined && { tableDigest: result.tableDigest }),
      ...(result.state === 'applied' && result.certificates && { certificates: result.certificates }),
      ...(result.state === 'applied' && result.warning !== undefined && { warning: result.warning }),
    };
    const sameAsBefore = old && isSame({ ...report, generation: old.generation }, old);
    return sameAsBefore ? old : report;
  });
}

/** An error as records have it. */
export function briefly({ code, message }: ErrorBody): NonNullable<NodeRecord['error']> {
  return { code, message };
}

/** What of a record says what changed. */
export type NodeChanges = Pick<NodeRecord, 'listeners' | 'gone' | 'vips' | 'goneVips' | 'peers'>;

/** What a record has to tell; undefined: nothing changed. Without `told` everything is told. */
export function changesOf(told: NodeReport | undefined, now: NodeReport): NodeChanges | undefined {
  const { vips: vipsNow = [], peers: peersNow = [] } = now;
  if (!told)
    return {
      listeners: now.listeners,
      gone: [],
      ...(vipsNow.length > 0 && { vips: vipsNow }),
      ...(peersNow.length > 0 && { peers: peersNow }),
    };
  const listeners = changed(told.listeners, now.listeners, ({ name }) => name);
  const vips = changed(told.vips ?? [], vipsNow, ({ address }) => address);
  const arePeersOther = !isSame(told.peers ?? [], peersNow);
  const [before, after] = [rest(told), rest(now)];
  const lists = [listeners.fresh, listeners.gone, vips.fresh, vips.gone];
  if (isSame(before, after) && !arePeersOther && lists.every((list) => list.length === 0)) return undefined;
  return {
    listeners: listeners.fresh,
    gone: listeners.gone,
    ...(vips.fresh.length > 0 && { vips: vips.fresh }),
    ...(vips.gone.length > 0 && { goneVips: vips.gone }),
    ...(arePeersOther && { peers: peersNow }),
  };
}

/** How many of its VIPs a node announces or leads, as a record has it. */
export function vipCountsOf({ vips = [] }: NodeReport): Pick<NodeRecord, 'vipCounts'> {
  if (vips.length === 0) return {};
  const announced = vips.filter(({ state }) => state === 'announced').length;
  return { vipCounts: { announced, all: vips.length } };
}

/** What is new or other than before, and the names of what left. */
function changed<T extends object>(
  before: readonly T[],
  now: readonly T[],
  nameOf: (one: T) => string,
): { readonly fresh: readonly T[]; readonly gone: readonly string[] } {
  const known = new Map(before.map((one) => [nameOf(one), one]));
  const names = new Set(now.map(nameOf));
  return {
    fresh: now.filter((one) => !isSame(known.get(nameOf(one)), one)),
    gone: [...known.keys()].filter((name) => !names.has(name)),
  };
}

/** All of a report that a record repeats whole. */
function rest(report: NodeReport): object {
  return { ...report, listeners: [], vips: [], peers: [] };
}

function isSame(one: object | undefined, other: object): boolean {
  return one !== undefined && (one === other || canonicalJson(one) === canonicalJson(other));
}
