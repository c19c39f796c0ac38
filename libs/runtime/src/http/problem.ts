import { type CodedError, type ErrorCode, ERRORS, type FieldError } from '@signalbox/contracts';

/** Media type of {@link Problem}. */
export const PROBLEM_TYPE = 'application/problem+json';

/** Error body of every REST route: problem+json (RFC 9457) with our code and the wrong fields. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly instance: string;
  readonly retryable: boolean;
  readonly errors?: readonly FieldError[];
}

/** An error as it is answered. `url`: of the request; its query may hold what is nobody's business and is left out. */
export function problemOf(error: CodedError, url: string): Problem {
  return {
    type: `https://signalbox.dev/errors/${error.code}`,
    title: ERRORS[error.code].title,
    status: error.status,
    code: error.code,
    detail: error.message,
    instance: pathOf(url),
    retryable: error.retryable,
    ...(error.errors.length > 0 && { errors: error.errors }),
  };
}

/** The path of a request's URL. */
export function pathOf(url: string): string {
  return url.replace(/[?#].*$/s, '');
}
