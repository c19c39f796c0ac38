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
  'driver' | 'state' | 'error' | 'epoch' | 'appliedGeneration' | 'capabilities' | 'listeners'
>;

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

/** What a record has to tell; undefined: nothing changed. Without `told` everything is told. */
export function changesOf(
  told: NodeReport | undefined,
  now: NodeReport,
): Pick<NodeRecord, 'listeners' | 'gone'> | undefined {
  if (!told) return { listeners: now.listeners, gone: [] };
  const known = new Map(told.listeners.map((one) => [one.name, one]));
  const names = new Set(now.listeners.map(({ name }) => name));
  const listeners = now.listeners.filter((one) => !isSame(known.get(one.name), one));
  const gone = told.listeners.map(({ name }) => name).filter((name) => !names.has(name));
  const isRestSame = isSame({ ...told, listeners: [] }, { ...now, listeners: [] });
  return isRestSame && listeners.length === 0 && gone.length === 0 ? undefined : { listeners, gone };
}

function isSame(one: object | undefined, other: object): boolean {
  return one !== undefined && (one === other || canonicalJson(one) === canonicalJson(other));
}
