import type { FactDefaults, FactWay } from '@signalbox/contracts';

/** A fact as it arrives by one of the ways in, before anything is decided. */
export interface FactOffer {
  readonly group: string;
  readonly way: FactWay;
  /** The decoded JSON body. */
  readonly body: unknown;
  /** Filled in when the body leaves them out. */
  readonly defaults: FactDefaults;
}

/**
 * The answer to every way in (spec/federation). `seq` is the newest record of the id in `FACTS_<group>`.
 * `keptFirst`: a peer sent other content under a known id; the first is kept, and the later expiry taken.
 */
export interface IntakeResult {
  readonly accepted: true;
  readonly id: string;
  readonly duplicate: boolean;
  readonly refreshed: boolean;
  readonly seq: number;
  readonly keptFirst?: true;
}

/** Who waits for what becomes of an offered fact; one of the two is called, once. Neither must throw. */
export interface FactAnswer {
  /** The fact is durable in `FACTS_<group>`. */
  readonly accepted: (result: IntakeResult) => void;
  /** A CodedError: grammar, `unknown-group`, conflicts, `storage-full`, `not-ready`, `nats-unavailable`, …. */
  readonly refused: (error: unknown) => void;
}

/** The one place that accepts facts. */
export abstract class FactIntake {
  /**
   * Validates, decides and stores. Facts that are offered in one step are decided together, in that order; those of one
   * lineage are answered in it.
   */
  abstract offer(offer: FactOffer, answer: FactAnswer): void;

  /** Offers one fact: resolves when it is durable, throws what refuses it. */
  submit(offer: FactOffer): Promise<IntakeResult> {
    return new Promise((accepted, refused) => this.offer(offer, { accepted, refused }));
  }
}
