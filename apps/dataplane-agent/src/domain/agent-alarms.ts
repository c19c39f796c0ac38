import {
  type Alarm,
  type AnnounceMethod,
  formatTime,
  type NodeListenerReport,
  type NodePeerReport,
  type NodeRecord,
  type NodeVipReport,
  toldProject,
} from '@signalbox/contracts';

/** How long a state may be incomplete: what it lacks may still be on its way. Milliseconds. */
export const INCOMPLETE_MS = 5_000;

/** How long a session with a router may be down: a daemon that starts anew brings it back by itself. Milliseconds. */
export const PEER_DOWN_MS = 10_000;

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
  /** Announcers that do not do what they shall. */
  readonly announcers: readonly FailingAnnouncer[];
  readonly vips: readonly NodeVipReport[];
  readonly peers: readonly NodePeerReport[];
}

/** An announcer that cannot be reached, or refuses all that it is told. */
export interface FailingAnnouncer {
  readonly method: AnnounceMethod;
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
  readonly error: NonNullable<NodeRecord['error']>;
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
  return [...alarms, ...announceAlarms(troubles, nowMs)];
}

/** Those of VIPs and routers. */
function announceAlarms({ node, announcers, vips, peers }: Troubles, nowMs: number): Alarm[] {
  const failing = new Set(announcers.map(({ method }) => method));
  return [
    ...announcers.map(({ method, sinceMs, error }): Alarm => ({
      kind: 'announcer-unavailable',
      name: node,
      reason: error.code,
      since: formatTime(sinceMs),
      text: `node ${node} cannot announce its VIPs by ${method}: ${error.message}`,
    })),
    ...vips
      .filter(({ state, method }) => state === 'refused' && !failing.has(method))
      .map(({ address, announcement, since, why }): Alarm => ({
        kind: 'vip-refused',
        name: address,
        since,
        text: `node ${node} does not announce ${address} of ${announcement}: ${why ?? 'it is refused'}`,
      })),
    ...peers
      .filter(({ state, since }) => state !== 'up' && nowMs - Date.parse(since) >= PEER_DOWN_MS)
      .map(({ name, since, why }): Alarm => ({
        kind: 'bgp-peer-down',
        name,
        since,
        text: `node ${node} has no session with router ${name}${why === undefined ? '' : `: ${why}`}`,
      })),
  ];
}

function shown(keys: readonly string[]): string {
  const first = keys.slice(0, SHOWN_KEYS).join(', ');
  return keys.length > SHOWN_KEYS ? `${first} and ${keys.length - SHOWN_KEYS} more` : first;
}
