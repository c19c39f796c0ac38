import type { Resource, SinkContent } from '@signalbox/contracts';
import type { Drift } from './domain/judge.js';

export type { Drift } from './domain/judge.js';
export { SinkFault } from './domain/sink-fault.js';

/** What a sink shall have: what is selected of one generation, and the bytes that were made of it. */
export interface SinkDocument {
  readonly generation: number;
  /** In canonical order, without the annotations of provenance. */
  readonly resources: readonly Resource[];
  /** The document, or what the template made. Of NATS KV empty: its keys are made of `resources`. */
  readonly bytes: Uint8Array;
  /** sha256 hex, see {@link SinkContent}. */
  readonly digest: string;
}

/** Where one sink writes. One call at a time; every call is safe to make again after a crash. */
export interface SinkTarget {
  /**
   * Ends what a crash interrupted: afterwards the target has `known`, or what was being applied when all of its steps
   * hold, or what it had before. Gives what it has, undefined when that is nothing of ours. Called once, before anything else.
   */
  recover(known: SinkContent | undefined, signal: AbortSignal): Promise<SinkContent | undefined>;
  /** Brings a document to the target. Throws {@link SinkFault}. */
  apply(document: SinkDocument, known: SinkContent | undefined, signal: AbortSignal): Promise<SinkContent>;
  /** What somebody else changed since `known` was applied; undefined when nothing, or when it cannot be told. */
  drift(known: SinkContent): Promise<Drift | undefined>;
  /** From now on `hint` is called when somebody else may have changed the target; more often than need be does no harm. */
  watch(hint: () => void): void;
  /** Lets go of connections and watches. What the target has stays. */
  stop(): Promise<void>;
}
