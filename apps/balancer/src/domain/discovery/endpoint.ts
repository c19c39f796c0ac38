import type { Resource, RunFact } from '@signalbox/contracts';

/** One backend in one pool, as a source sees it. */
export interface SourceEndpoint {
  /** Name of the Pool that it joins, in the project of the source. */
  readonly pool: string;
  /** An IP address. */
  readonly address: string;
  /** 1-65535. */
  readonly port: number;
  /** 0-100; absent: the weight of the source. */
  readonly weight?: number;
  /** It gets nothing new: it says itself that it ends, or that it is not ready. */
  readonly isDraining?: true;
  /** Words that it is known by. */
  readonly tags?: readonly string[];
  /** The registration that it comes from, with its group. */
  readonly fact?: RunFact;
}

/** Everything that a source brings at one time. */
export interface SourceContent {
  /** What the endpoints stand in, when the source brings that too: LoadBalancers, Listeners, Pools and the like, valid and in its project. */
  readonly frame: readonly Resource[];
  /** In any order; the same place twice in one pool counts once, the first of them. */
  readonly endpoints: readonly SourceEndpoint[];
  /** What was left out, and why, for people; at most {@link MAX_REFUSED}. */
  readonly refused: readonly string[];
}

/** How many reasons are kept of what was left out. */
export const MAX_REFUSED = 20;

/**
 * What a source says. `content`: this is all there is now. `unavailable`: it cannot be asked, which says nothing of what it has;
 * the reason is for people. An answer that is broken or that ends in the middle is `unavailable` too.
 */
export type Observation =
  | { readonly type: 'content'; readonly content: SourceContent }
  | { readonly type: 'unavailable'; readonly reason: string };
