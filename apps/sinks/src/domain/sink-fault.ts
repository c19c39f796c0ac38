import type { ErrorBody, SinkStep } from '@signalbox/contracts';

/** Why a document is not in the target. The target then has what it had before. */
export class SinkFault extends Error {
  constructor(
    readonly step: SinkStep,
    readonly body: ErrorBody,
    /** The end of what a command wrote. */
    readonly output?: string,
    /** Trying again with the same document may help: a server that is away, a full disk. */
    readonly mayPass = false,
    /** How long the target asks to be left alone, whatever comes. Milliseconds. */
    readonly restMs?: number,
  ) {
    super(body.message);
  }
}
