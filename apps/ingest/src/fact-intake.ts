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

/** The one place that accepts facts. */
export abstract class FactIntake {
  /**
   * Validates, decides and stores. Resolves when the fact is durable in `FACTS_<group>`.
   * Throws CodedError: grammar, `unknown-group`, conflicts, `storage-full`, `not-ready`, `nats-unavailable`, ….
   */
  abstract submit(offer: FactOffer): Promise<IntakeResult>;
}
