import type { NodeListener, NodeState } from '@signalbox/contracts';

/** The numbers of one listener's targets up to which their connections were cut, by {@link flushKey}. */
export type ListenerFlushes = Record<string, number>;

/** The same by listener. */
export type FlushesDone = Record<string, ListenerFlushes>;

/** Connections of a target that have to be cut, and the number that is done then. */
export interface DueFlush {
  readonly listener: string;
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

export function flushKey({ address, port }: DueFlush['target']): string {
  return `${address} ${port}`;
}

/** Targets of which nothing was due, with what was done of them then: seen again beside that, they need no look. */
const SETTLED = new WeakMap<NodeListener['targets'], ListenerFlushes>();

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
    const isSettled = known !== undefined && SETTLED.get(listener.targets) === known;
    const plan = isSettled ? { due: [], done: known } : planOf(listener, applied.has(listener.name), known);
    due.push(...plan.due);
    done.push([listener.name, plan.done]);
  }
  return { due, done: Object.fromEntries(done) };
}

function planOf(
  { name: listener, targets }: NodeListener,
  isApplied: boolean,
  before: Readonly<ListenerFlushes> = {},
): { readonly due: readonly DueFlush[]; readonly done: ListenerFlushes } {
  const due: DueFlush[] = [];
  const done: ListenerFlushes = {};
  let mayBeDue = false;
  for (const { address, port, flushes } of targets) {
    const target = { address, port };
    const key = flushKey(target);
    const kept = before[key];
    const isDue = kept !== undefined && flushes > kept;
    done[key] = isDue ? kept : flushes;
    mayBeDue ||= isDue;
    if (isDue && isApplied) due.push({ listener, target, flushes });
  }
  if (!mayBeDue) SETTLED.set(targets, done);
  return { due, done };
}
