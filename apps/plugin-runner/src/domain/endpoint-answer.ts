import { CodedError, type ErrorCode, maskUrl } from '@signalbox/contracts';
import { shorten } from './short-text.js';

/** Of RFC 9110 section 15, RFC 6585 and RFC 8470: somebody between, or too much to do; another time it may be otherwise. */
const MAY_PASS: readonly number[] = [408, 425, 429, 502, 503, 504];

/** What no request to this URL with this login would be spared, whatever its facts are. */
const OF_THE_REQUEST: readonly number[] = [
  401, 402, 403, 404, 405, 406, 407, 410, 411, 412, 414, 415, 416, 417, 421, 426, 428, 431, 451, 501, 505,
  506, 507, 508, 510, 511,
];

/** What an endpoint answered, beside the body. */
export interface AnswerHead {
  readonly status: number;
  /** Where a redirect leads. */
  readonly location?: string;
}

/**
 * Throws unless an endpoint answered with 200, which alone carries a result. The code says who can be the cause: of
 * `plugin-unreachable` and `plugin-refused` facts cannot, of `plugin-exit` they can (400, 409, 413, 422, 500 and all that has no other
 * meaning), as of the exit code of a program. `body`: what it said, of which the first line is told.
 */
export function throwUnlessOk({ status, location }: AnswerHead, body = ''): void {
  if (status === 200) return;
  if (status >= 200 && status < 300)
    throw new CodedError('plugin-output-invalid', `answered ${status}: only 200 carries a result`);
  if (status >= 300 && status < 400) {
    const named = location === undefined ? '' : ` and names ${shorten(maskUrl(location))}`;
    const message = `answered ${status}${named}: redirects are not followed, write the right URL`;
    throw new CodedError('plugin-refused', message);
  }
  const said = shorten(firstLine(body));
  throw new CodedError(codeOf(status), `answered ${status}${said === '' ? '' : `: ${said}`}`);
}

function codeOf(status: number): ErrorCode {
  if (MAY_PASS.includes(status)) return 'plugin-unreachable';
  return OF_THE_REQUEST.includes(status) ? 'plugin-refused' : 'plugin-exit';
}

/** The first line of a text that says anything. */
function firstLine(text: string): string {
  return text.trimStart().split('\n', 1)[0]!.trimEnd();
}
