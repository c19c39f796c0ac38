import type { NodeRecord } from './node-record.js';

/** Questions to the agents of nodes on core NATS: `ask.dataplane-agent.<node>.<question>`, or all: `ask.dataplane-agent.<question>`. */
export const NODE_QUESTIONS = ['state', 'counters', 'alarms', 'usage'] as const;
export type NodeQuestion = (typeof NODE_QUESTIONS)[number];

/** Answer to `state`: what the records of a node say all together. Without a manifest it is `waiting`, and nobody knows its driver. */
export type NodeStateAnswer = Pick<
  NodeRecord,
  'node' | 'state' | 'error' | 'epoch' | 'appliedGeneration' | 'listeners'
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
  /** Of the pools that policies send requests to, sorted by name; absent: none. */
  readonly policyPools?: readonly PoolCounters[];
}

/** Counters of a policy pool of a listener. */
export interface PoolCounters {
  readonly pool: string;
  readonly targets: readonly TargetCounters[];
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

/** Answer to `counters`. */
export interface NodeCountersAnswer {
  readonly node: string;
  readonly listeners: readonly ListenerCounters[];
}
