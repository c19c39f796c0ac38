import type { ErrorBody } from './errors.js';
import type { FactOutcome } from './plugin-protocol.js';
import type { Execution, ProposedPart } from './records/run-record.js';

/** Request of `cmd.plugin-runner.run`: a person runs a plugin. `events` are facts as people give them, at most {@link MAX_GIVEN_EVENTS}. */
export interface RunByHandRequest {
  readonly plugin: string;
  readonly events: readonly unknown[];
  readonly author: string;
  /** Tell what the plugin would propose and record nothing. */
  readonly dryRun: boolean;
  /** A random text: the same request again is the same run. */
  readonly seed: string;
}

/** Most facts that a run by hand takes. */
export const MAX_GIVEN_EVENTS = 1024;

/** The answer: the run that was planned, or how a dry run went. */
export type RunByHandAnswer =
  | { readonly dryRun: false; readonly runId: string }
  | {
      readonly dryRun: true;
      readonly outcome: string;
      readonly execution?: Execution;
      readonly outcomes?: readonly FactOutcome[];
      readonly part?: ProposedPart;
      readonly error?: ErrorBody;
    };
