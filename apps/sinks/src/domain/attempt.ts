import { formatTime, type SinkFailure } from '@signalbox/contracts';
import { retryWaitMs } from './back-off.js';
import { dueAt, type OpenChanges, type Waits } from './quiescence.js';
import type { SinkFault } from './sink-fault.js';

/** How far a sink is with the document that its target does not have yet: whether it failed, and whether an operator lets it through. */
export interface Attempt {
  /** sha256 hex of the document; absent: of the next one, whichever that is, or of none that could be made. */
  readonly digest?: string;
  /** An operator wants it there, whatever guards say and whatever somebody else did. */
  readonly isReleased: boolean;
  /** Why it is not there. */
  readonly failure?: SinkFailure;
  /** Until then the target asks to be left alone, whatever the document. Milliseconds. */
  readonly notBefore?: number;
}

/** Of a document that nobody knows anything of. */
export const NO_ATTEMPT: Attempt = { isReleased: false };

/** An operator lets the next document through, and wants it there now. */
export const RELEASED: Attempt = { isReleased: true };

/** What of an attempt holds for a document: what failed and what was let through was one document, not those after it. */
export function attemptOf(attempt: Attempt, digest: string): Attempt {
  if (attempt.digest === digest) return attempt;
  const { isReleased, digest: other } = attempt;
  return { digest, isReleased: isReleased && other === undefined, ...leftAlone(attempt) };
}

/** The document is there, or is not wanted there any more. */
export function attemptOver(attempt: Attempt): Attempt {
  return { isReleased: false, ...leftAlone(attempt) };
}

/**
 * A document failed; `digest`: absent, none could be made, or the sink cannot work at all. What may pass is tried again: see
 * {@link retryWaitMs}, and not before the target wants it.
 */
export function failedAttempt(
  attempt: Attempt,
  { step, body, output, mayPass, restMs }: SinkFault,
  digest: string | undefined,
  now: number,
): Attempt {
  const isSame = attempt.digest === digest;
  const before = isSame && attempt.failure?.step === step ? attempt.failure.attempts : 0;
  const retryAt = now + Math.max(retryWaitMs(before + 1), restMs ?? 0);
  return {
    ...(digest !== undefined && { digest }),
    isReleased: isSame && attempt.isReleased,
    failure: {
      ...{ step, error: body, attempts: before + 1 },
      ...(output !== undefined && { output }),
      ...(mayPass && { retryAt: formatTime(retryAt) }),
    },
    ...(restMs !== undefined && { notBefore: now + restMs }),
  };
}

/** When a document is made next, while nothing more changes; undefined: not before something does. Milliseconds. */
export function nextAt(attempt: Attempt, open: OpenChanges | undefined, waits: Waits): number | undefined {
  const { isReleased, failure, notBefore = 0 } = attempt;
  if (isReleased && !failure) return 0;
  const at = open ? dueAt(open, waits) : retryAtOf(attempt);
  return at === undefined ? undefined : Math.max(at, notBefore);
}

/** Whether a document that failed may be tried again. */
export function isRetryDue(attempt: Attempt, now: number): boolean {
  const retryAt = retryAtOf(attempt);
  return retryAt !== undefined && retryAt <= now;
}

function retryAtOf({ failure }: Attempt): number | undefined {
  return failure?.retryAt === undefined ? undefined : Date.parse(failure.retryAt);
}

function leftAlone({ notBefore }: Attempt): Pick<Attempt, 'notBefore'> {
  return notBefore === undefined ? {} : { notBefore };
}
