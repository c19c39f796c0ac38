import type { ErrorBody, ErrorCode } from '@signalbox/contracts';

/** Why a part does not merge. The pointer starts at the part (`/resources/0/spec/domainRef`). */
export interface Problem {
  readonly code: Extract<
    ErrorCode,
    'mask-denied' | 'grant-exceeded' | 'part-invalid' | 'startup-conflict' | 'part-conflict'
  >;
  readonly pointer: string;
  readonly message: string;
}

/** How many problems a reason or an error body spells out; the rest is counted. */
export const PROBLEMS_TOLD = { reason: 3, error: 50 } as const;

/** One line for people, the same for the same problems. */
export function reasonOf(problems: readonly Problem[]): string {
  const told = problems.slice(0, PROBLEMS_TOLD.reason).map(({ code, message }) => `${code}: ${message}`);
  const rest = problems.length - told.length;
  return told.join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}

/** The error of a rejection: the code of the first problem, with all problems of that code. */
export function errorOf(problems: readonly [Problem, ...Problem[]]): ErrorBody {
  const [{ code, message }] = problems;
  const same = problems.filter((problem) => problem.code === code);
  return {
    code,
    message: same.length === 1 ? message : `${message} (and ${same.length - 1} more)`,
    errors: same.slice(0, PROBLEMS_TOLD.error).map((problem) => ({
      pointer: problem.pointer,
      message: problem.message,
    })),
  };
}
