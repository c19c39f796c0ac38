import { CodedError } from '@signalbox/contracts';
import { shorten } from '../domain/short-text.js';
import { failureLine } from '../domain/failure-line.js';
import { PROCESS_LIMITS } from './limits.js';
import type { ProcessOutcome } from './process-outcome.js';

/** Throws the first thing that is wrong with how a run ended, in the order of reference 6.6. `timeout`: as declared. */
export function throwUnlessComplete(
  outcome: ProcessOutcome,
  timeout = `${PROCESS_LIMITS.timeoutMs / 1000}s`,
): void {
  const { stdoutBytes, stderrBytes } = PROCESS_LIMITS;
  if (outcome.startError !== undefined)
    throw new CodedError('plugin-start-failed', `could not be started: ${outcome.startError}`);
  if (outcome.aborted) throw new CodedError('run-lost', 'was ended because the service is shutting down');
  if (outcome.timedOut && outcome.heldBy) throw new CodedError('plugin-timeout', stillHeld(outcome, timeout));
  if (outcome.timedOut)
    throw new CodedError(
      'plugin-timeout',
      `timed out after ${timeout}: its processes were ended; raise spec.timeout if it needs longer`,
    );
  if (outcome.limitExceeded === 'stdout')
    throw new CodedError(
      'plugin-output-limit',
      `wrote more than ${stdoutBytes} bytes to stdout and was ended`,
    );
  if (outcome.limitExceeded === 'stderr')
    throw new CodedError(
      'plugin-output-limit',
      `wrote more than ${stderrBytes} bytes to stderr and was ended`,
    );
  if (outcome.isComplete) return;
  const how = howItEnded(outcome);
  const said = shorten(failureLine(outcome.stderrTail));
  throw new CodedError('plugin-exit', said === '' ? how : `${how}: ${said}`);
}

function howItEnded({ exitCode, signal }: ProcessOutcome): string {
  if (exitCode === undefined) return `was ended by ${signal ?? 'a signal that nobody reported'}`;
  return exitCode === 0 ? 'exited with 0 before it had answered' : `exited with ${exitCode}`;
}

/** A longer timeout would not help: the program itself is done. */
function stillHeld({ exitCode, signal, heldBy = [] }: ProcessOutcome, timeout: string): string {
  const how = exitCode === undefined ? `was ended by ${signal ?? 'a signal'}` : `exited with ${exitCode}`;
  const who = heldBy.length > 0 ? `the process ${heldBy.join(', ')} that it` : 'a process that it';
  return shorten(
    `${how} in time, but ${who} started held its stdout or stderr open until the timeout of ${timeout}: ` +
      'wait for it, or give it other outputs (>/dev/null 2>&1)',
  );
}
