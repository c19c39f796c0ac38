import type { ProcessOutcome } from './process-outcome.js';
import { runProcess, type ProcessRequest } from './run-process.js';

/** One run of a plugin, whichever way its process comes about. */
export interface RunRequest extends ProcessRequest {
  /** `meta.tag` of the request. */
  readonly tag: string;
  /** Equal for runs that may share a process: same file, same spec. */
  readonly identity: string;
  /** When a persistent process is replaced: after so many runs, or at this age. */
  readonly recycle: { readonly runs: number; readonly afterMs: number };
}

/** Where a run gets its process: what differs between the modes of a plugin. */
export interface RunPlace {
  /**
   * Never throws for what the process does. Undefined: the process had to be ended and nobody knows that it was
   * because of this run, so it has to be run again.
   */
  run(request: RunRequest): Promise<ProcessOutcome | undefined>;
  /** The file may not be executed (any more): no process of it may go on. */
  onUntrusted(): void;
  /** The process wrote something that is no result: nobody knows what it writes next. */
  onInvalidResult(): void;
}

/** A process of its own for every run. */
export const ONE_SHOT: RunPlace = {
  run: runProcess,
  onUntrusted: () => undefined,
  onInvalidResult: () => undefined,
};
