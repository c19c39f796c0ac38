import type {
  Capabilities,
  ErrorBody,
  ListenerCounters,
  NodeListener,
  NodePool,
  NodeState,
  ServedCertificate,
} from '@signalbox/contracts';

export type { ListenerCounters, PoolCounters, TargetCounters } from '@signalbox/contracts';

/** How one listener stands in the data plane after it was applied. */
export type AppliedListener =
  | {
      readonly name: string;
      readonly state: 'applied';
      /** Where the data plane really listens. */
      readonly listensAt: { readonly address: string; readonly port: number };
      /** Digest of the table that chooses targets; of `maglev` only. */
      readonly tableDigest?: string;
      /** What it shows to clients, of `terminated-https` only. */
      readonly certificates?: readonly ServedCertificate[];
      /** Something to know that refuses nothing. */
      readonly warning?: string;
      /** No target with a weight can be reached from this node: who comes is refused. */
      readonly reachesNobody?: true;
    }
  /** What served before goes on as it was. */
  | { readonly name: string; readonly state: 'refused'; readonly error: ErrorBody };

/** What an `apply` did. */
export interface ApplyResult {
  /** One entry for each listener of the desired state, in its order. */
  readonly listeners: readonly AppliedListener[];
  /** How many changes were made to the data plane; 0: it was as desired. */
  readonly writes: number;
}

/** Which connections to cut. */
export interface FlushRequest {
  readonly listener: string;
  /** Of which policy pool; absent: of the listener itself. */
  readonly pool?: string;
  readonly target: { readonly address: string; readonly port: number };
}

/** Work that has to end by a time: after it, it is given up and rejects with `data-plane-unavailable`. */
export interface Deadline {
  /** Milliseconds from now. */
  readonly deadlineMs: number;
}

/**
 * A data plane. It knows nothing of pools, health or operators: the desired state is flat. One caller, one call at a
 * time; `counters` may come beside them. Reference load-balancing section 7; every driver passes `describeDriver`.
 */
export interface DataplaneDriver {
  /** What it can do; known without the data plane, and the same for ever. */
  readonly capabilities: Capabilities;

  /**
   * Makes the data plane as desired, all of it: what is not in the state goes away. Doing it again changes nothing and
   * writes nothing. A listener that cannot be made is refused on its own, and what served under its name goes on with
   * its targets and weights as they were; all others are applied. A target that leaves, and a listener that leaves, keep the
   * connections that they have until these end; a listener accepts no more. New weights hold for every connection that
   * comes after the promise resolved. Rejects with `data-plane-unavailable` when the data plane cannot be reached; then some of it may
   * be applied.
   */
  apply(desired: NodeState, deadline: Deadline): Promise<ApplyResult>;

  /**
   * What the data plane does now, read back from it: the listeners, sorted by name, as they stand. It differs from what was applied
   * when somebody else changed it.
   */
  observe(deadline: Deadline): Promise<readonly ObservedListener[]>;

  counters(deadline: Deadline): Promise<readonly ListenerCounters[]>;

  /** Cuts all connections to one target, and forgets that clients belong to it; says how many were cut. 0 for what is not there. */
  flush(request: FlushRequest, deadline: Deadline): Promise<number>;

  /**
   * Calls back whenever what the applied state depends on outside of the data plane may have become another, as files that it names
   * or neighbours that it sends to: it is time for a look. Absent: no state depends on anything.
   */
  onOutsideChange?(changed: () => void): void;

  /** Whether an apply of the same state would find that otherwise than the last one did. */
  isOutsideChanged?(): Promise<boolean>;

  /**
   * Whether it is certain that nobody is served, as when a proxy of our own has ended; asked after a call failed. Absent: what was applied
   * may go on, as rules of the kernel do.
   */
  servesNobody?(): Promise<boolean>;

  /** What it serves ends with `close`: an agent that stops has to take its VIPs away before. Absent: it goes on. */
  readonly endsWithAgent?: boolean;

  /**
   * Another driver takes the node over: no new connection comes to a target from now on, what is connected goes on. Of drivers whose data
   * plane would take connections away from others. Rejects with `data-plane-unavailable`.
   */
  retire?(deadline: Deadline): Promise<void>;

  /** Ends what this process holds. What serves traffic outside of it goes on. */
  close(): Promise<void>;
}

/** A listener as it is read back: what the desired state names, but for times and the count of flushes. */
export type ObservedListener = Pick<NodeListener, 'name' | 'address' | 'protocol' | 'port' | 'algorithm'> & {
  readonly listensAt: { readonly address: string; readonly port: number };
  readonly targets: readonly ObservedTarget[];
  /** Sorted by name; absent: none. */
  readonly policyPools?: readonly ObservedPool[];
};

export interface ObservedTarget {
  readonly address: string;
  readonly port: number;
  readonly weight: number;
}

/** A policy pool as it is read back. */
export type ObservedPool = Pick<NodePool, 'name' | 'algorithm'> & {
  readonly targets: readonly ObservedTarget[];
};
