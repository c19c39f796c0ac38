import type { Fact } from '../fact.js';

/** How a fact came in. */
export type FactWay = 'pub' | 'request' | 'rest' | 'peer';

/**
 * One message of `FACTS_<group>`: the whole fact and what `ingest` decided about it.
 * `change` is `new` for the first record of an id and `refresh` when only the lease grew; `version` counts the
 * accepted records of this id from 1; `current` says that the fact was the newest of its lineage when it was
 * accepted (a fact that is not current never renews anything).
 */
export interface FactRecord {
  readonly fact: Fact;
  readonly own: boolean;
  readonly change: 'new' | 'refresh';
  readonly version: number;
  readonly current: boolean;
  readonly way: FactWay;
  readonly acceptedAt: string;
}

/** `activity.intake.<group>`: what a way in refused that people should be able to see. */
export interface IntakeRecord {
  readonly type: 'conflict' | 'replay' | 'refused';
  readonly code: string;
  readonly message: string;
  readonly id: string;
  readonly sourceNode: string;
  readonly way: FactWay;
  readonly at: string;
}
