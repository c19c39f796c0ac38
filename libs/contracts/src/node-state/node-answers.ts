import type { NodeRecord } from './node-record.js';

/** Questions to the agents of nodes on core NATS: `ask.dataplane-agent.<node>.<question>`, or all: `ask.dataplane-agent.<question>`. */
export const NODE_QUESTIONS = ['state', 'counters', 'alarms', 'usage'] as const;
export type NodeQuestion = (typeof NODE_QUESTIONS)[number];

/** Answer to `state`: what the records of a node say all together. Without a manifest it is `waiting`, and nobody knows its driver. */
export type NodeStateAnswer = Pick<
  NodeRecord,
  | 'node'
  | 'state'
  | 'error'
  | 'epoch'
  | 'appliedGeneration'
  | 'listeners'
  | 'trafficDigest'
  | 'drained'
  | 'vips'
  | 'peers'
> &
  Partial<Pick<NodeRecord, 'driver' | 'capabilities'>>;

/** Counters of one listener, since the data plane started it; they only grow, `connections` is how many stand. */
export interface ListenerCounters {
  readonly listener: string;
  readonly connections: number;
  readonly connectionsTotal: number;
  /** Connections that got no target: none has a weight, none answered, or the limit was reached. */
  readonly refusedTotal: number;
  /** From clients. */
  readonly bytesIn: number;
  /** To clients. */
  readonly bytesOut: number;
  readonly targets: readonly TargetCounters[];
  /** Of a proxy of requests whose data plane counts them. */
  readonly requests?: RequestCounters;
  /** Of requests to its own targets; absent: there were none, or nobody measures. */
  readonly times?: RecentTimes;
  /** Of the pools that policies send requests to, sorted by name; absent: none. */
  readonly policyPools?: readonly PoolCounters[];
}

/** Counters of a policy pool of a listener. */
export interface PoolCounters {
  readonly pool: string;
  readonly targets: readonly TargetCounters[];
  /** Absent: there were no requests, or nobody measures. */
  readonly times?: RecentTimes;
}

/** Classes of the codes by which requests are answered; `other`: no code of HTTP. */
export const RESPONSE_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'other'] as const;
export type ResponseClass = (typeof RESPONSE_CLASSES)[number];

/** Counters of the requests of a listener; they only grow, but for `perSecond`. */
export interface RequestCounters {
  /** That came. Each is answered some time, so the answers add up to it once none is on its way. */
  readonly total: number;
  /** Answers to clients, also those that the node gave itself. */
  readonly responses: Readonly<Record<ResponseClass, number>>;
  /** Rejected by a policy. */
  readonly rejectedTotal: number;
  /** That could not be read, or whose client left or was silent before they were complete. */
  readonly brokenTotal: number;
  /** Whose target broke off, or answered what could not be read. */
  readonly failedTotal: number;
  /** That came in the last second. */
  readonly perSecond: number;
}

/**
 * How long requests took, on average over the last 1,024 of them that went to these targets, however long ago. Milliseconds. There
 * is no total to divide: data planes keep no more.
 */
export interface RecentTimes {
  /** Until a connection to the target stood; 0 where one was used again. */
  readonly connectMs: number;
  /** From then on until the head of its answer was there. */
  readonly responseMs: number;
  /** From the first byte of the request to the last of the answer. */
  readonly totalMs: number;
}

/** Counters of one target of a listener. */
export interface TargetCounters {
  readonly address: string;
  readonly port: number;
  readonly connections: number;
  readonly connectionsTotal: number;
  /** Connects that failed. */
  readonly errorsTotal: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** What `counters` may be asked for. */
export interface NodeCountersQuestion {
  /** Scoped name of one listener; absent: all of them. */
  readonly listener?: string;
}

/** Answer to `counters`. */
export interface NodeCountersAnswer {
  readonly node: string;
  readonly listeners: readonly ListenerCounters[];
}
