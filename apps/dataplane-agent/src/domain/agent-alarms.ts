import {
  type Alarm,
  formatTime,
  type NodeListenerReport,
  type NodeRecord,
  toldProject,
} from '@signalbox/contracts';

/** How long a state may be incomplete: what it lacks may still be on its way. Milliseconds. */
export const INCOMPLETE_MS = 5_000;

/** What is wrong with a node, as its agent sees it. Times in milliseconds since 1970. */
export interface Troubles {
  readonly node: string;
  /** Of a data plane that does not work. */
  readonly failure?: { readonly sinceMs: number; readonly error: NonNullable<NodeRecord['error']> };
  /** Of a manifest whose listeners are not all there. */
  readonly incomplete?: {
    readonly sinceMs: number;
    readonly generation: number;
    readonly missing: readonly string[];
  };
  readonly listeners: readonly NodeListenerReport[];
  /** Since when a listener is refused, by name. */
  readonly refusedSinceMs: ReadonlyMap<string, number>;
}

/** How many keys an alarm names. */
const SHOWN_KEYS = 3;

/** The alarms of a node. */
export function agentAlarms(troubles: Troubles, nowMs: number): Alarm[] {
  const { node, failure, incomplete, listeners, refusedSinceMs } = troubles;
  const alarms: Alarm[] = [];
  if (failure)
    alarms.push({
      kind: 'data-plane-unavailable',
      name: node,
      reason: failure.error.code,
      since: formatTime(failure.sinceMs),
      text: `the data plane of node ${node} does not do what it shall: ${failure.error.message}`,
    });
  if (incomplete && nowMs - incomplete.sinceMs >= INCOMPLETE_MS)
    alarms.push({
      kind: 'desired-state-incomplete',
      name: node,
      since: formatTime(incomplete.sinceMs),
      text:
        `node ${node} keeps its last state: generation ${incomplete.generation} lacks ${shown(incomplete.missing)}; ` +
        `see whether balancer runs`,
    });
  for (const { name, error } of listeners)
    if (error)
      alarms.push({
        kind: 'listener-refused',
        name,
        ...toldProject(name),
        reason: error.code,
        since: formatTime(refusedSinceMs.get(name) ?? nowMs),
        text: `node ${node} does not serve listener ${name} as it is declared: ${error.message}`,
      });
  return alarms;
}

function shown(keys: readonly string[]): string {
  const first = keys.slice(0, SHOWN_KEYS).join(', ');
  return keys.length > SHOWN_KEYS ? `${first} and ${keys.length - SHOWN_KEYS} more` : first;
}
