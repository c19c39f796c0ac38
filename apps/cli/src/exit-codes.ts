/** Exit codes of the command: a contract with scripts, documented in docs/reference/cli.md. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  /** `dynamic render` or `sink render` printed the document, but parts, or the document, are held back. */
  quarantine: 3,
  notFound: 4,
  conflict: 5,
  unreachable: 6,
  denied: 7,
} as const;

/** One of the documented exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What `config check` ends with, as the reference does (maglev 1.4); the codes above mean other things elsewhere. */
export const CONFIG_CHECK_EXIT = { ok: 0, 'parse-error': 1, 'semantic-error': 2 } as const;

/** What `diff` ends with, as those of other tools do: a difference is 1, so what fails otherwise is 2. */
export const DIFF_EXIT = { different: 1, failure: 2 } as const;

/** What `check` ends with, as plugins of Nagios do. */
export const CHECK_EXIT = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;

const OF_STATUS: Readonly<Record<number, ExitCode>> = {
  401: EXIT.denied,
  403: EXIT.denied,
  404: EXIT.notFound,
  409: EXIT.conflict,
  412: EXIT.conflict,
};

/** Exit code for an HTTP error status. */
export function exitCodeOfStatus(status: number): ExitCode {
  return OF_STATUS[status] ?? EXIT.failure;
}
