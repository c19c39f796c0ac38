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

/** What each means, as people read it. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done',
  failure:
    'failed: the site refused the input or could not do it; a verification, comparison, test or check found a difference',
  usage: 'wrong usage: nothing was sent',
  quarantine: 'the document was printed, but parts of it, or the document, are held back',
  notFound: 'not found (404)',
  conflict: 'conflict (409, 412)',
  unreachable: 'the site cannot be reached, none is known, or what answers is no Signalbox api',
  denied: 'denied (401, 403)',
};

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
