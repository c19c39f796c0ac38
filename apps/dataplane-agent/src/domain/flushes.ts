import type { NodeListener, NodeState } from '@signalbox/contracts';

/** The numbers of one listener's targets up to which their connections were cut, by {@link flushKey}. */
export type ListenerFlushes = Record<string, number>;

/** The same by listener. */
export type FlushesDone = Record<string, ListenerFlushes>;

/** Connections of a target that have to be cut, and the number that is done then. */
export interface DueFlush {
  readonly listener: string;
  /** Of which policy pool; absent: of the listener itself. */
  readonly pool?: string;
  readonly target: { readonly address: string; readonly port: number };
  readonly flushes: number;
}

/** What follows from a state that was applied. */
export interface FlushPlan {
  /** In the order of the state. */
  readonly due: readonly DueFlush[];
  /** What is kept before any of them is done. Targets that left are not in it. */
  readonly done: FlushesDone;
}

/** No address holds a blank, so no two targets of a listener and its policy pools share a key. */
export function flushKey({ pool, target: { address, port } }: Pick<DueFlush, 'pool' | 'target'>): string {
  return pool === undefined ? `${address} ${port}` : `${address} ${port} ${pool}`;
}

/** Listeners of whose targets nothing was due, with what was done of them then: seen again beside that, they need no look. */
const SETTLED = new WeakMap<NodeListener, ListenerFlushes>();

/**
 * What to cut: each target whose number went up since it was cut, once its listener was applied with the weight of that number. A
 * target seen for the first time, or under an epoch in which counting began anew, takes its number as done: whatever it was cut for
 * is of a time that this data plane has not seen. Spec balance "Rules": flush once per entry into a flush state.
 */
export function planFlushes(
  state: NodeState,
  applied: ReadonlySet<string>,
  before: Readonly<FlushesDone> | undefined,
): FlushPlan {
  const due: DueFlush[] = [];
  const done: [string, ListenerFlushes][] = [];
  for (const listener of state.listeners) {
    const known = before?.[listener.name];
    const isSettled = known !== undefined && SETTLED.get(listener) === known;
    const plan = isSettled ? { due: [], done: known } : planOf(listener, applied.has(listener.name), known);
    due.push(...plan.due);
    done.push([listener.name, plan.done]);
  }
  return { due, done: Object.fromEntries(done) };
}

function planOf(
  listener: NodeListener,
  isApplied: boolean,
  before: Readonly<ListenerFlushes> = {},
): { readonly due: readonly DueFlush[]; readonly done: ListenerFlushes } {
  const due: DueFlush[] = [];
  const done: ListenerFlushes = {};
  let mayBeDue = false;
  for (const { flushes, ...which } of numbersOf(listener)) {
    const key = flushKey(which);
    const kept = before[key];
    const isDue = kept !== undefined && flushes > kept;
    done[key] = isDue ? kept : flushes;
    mayBeDue ||= isDue;
    if (isDue && isApplied) due.push({ ...which, flushes });
  }
  if (!mayBeDue) SETTLED.set(listener, done);
  return { due, done };
}

/** The number of each target of a listener, then of those of its policy pools. */
function* numbersOf({ name: listener, targets, policyPools = [] }: NodeListener): Iterable<DueFlush> {
  for (const { address, port, flushes } of targets) yield { listener, target: { address, port }, flushes };
  for (const { name: pool, targets: others } of policyPools)
    for (const { address, port, flushes } of others)
      yield { listener, pool, target: { address, port }, flushes };
}
