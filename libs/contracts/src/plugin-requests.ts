import type { EndedRecord } from './run-retry.js';

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

/** How an attempt went: what its `ended` record says of it. */
export type Attempted = Omit<EndedRecord, 'type' | 'at' | 'order'>;

/** The answer: the run that was planned, or how a dry run went. Not beside `error`, which is how a refused request is answered. */
export type RunByHandAnswer = { readonly runId: string } | { readonly attempted: Attempted };
