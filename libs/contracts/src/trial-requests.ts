import type { ErrorBody } from './errors.js';
import type { Fact } from './fact.js';
import type { FactOutcome } from './plugin-protocol.js';
import type { Attempted } from './plugin-requests.js';
import type { ProposedPart, RunOrder } from './records/run-record.js';
import type { Resource } from './resource.js';

/** Most facts that a subscription is tried with, and most runs that they may start. */
export const TRIAL_LIMITS = { events: 64, runs: 16 } as const;

/** Request of `ask.matcher.try-facts`: what a subscription would make of facts. `events` are facts as people give them. */
export interface TryFactsRequest {
  readonly subscription: string;
  readonly events: readonly unknown[];
}

/** What a subscription decided about one fact; else the first clause that failed, and what it wanted. */
export interface TriedFact {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly matched: boolean;
  readonly clause?: string;
  readonly message?: string;
}

export interface TryFactsAnswer {
  readonly tried: readonly TriedFact[];
  /** In normal form, in the order of the request. */
  readonly facts: readonly Fact[];
  /** The first attempts that would be planned; the sequence of a fact is its place in `facts`, counted from 1. */
  readonly orders: readonly RunOrder[];
  /** Why matched facts would wait, and the resource that they wait for. */
  readonly waiting?: { readonly reason: string; readonly waitsFor: string };
}

/** Request of `cmd.plugin-runner.try`: execute an order for these facts, and record nothing. */
export interface TryOrderRequest {
  readonly order: RunOrder;
  readonly facts: readonly Fact[];
}

/** How it went. Not beside `error`, which is how a refused request is answered. */
export interface TryOrderAnswer {
  readonly attempted: Attempted;
}

/** Request of `ask.renderer.try-part`: what would become of what a run proposes. */
export interface TryPartRequest {
  readonly order: RunOrder;
  readonly outcomes: readonly FactOutcome[];
  readonly part: ProposedPart;
}

/** The resources as they would stand in the part, or why it would be rejected. */
export type TryPartAnswer = { readonly resources: readonly Resource[] } | { readonly rejected: ErrorBody };
