import { BrokenResponse } from './broken-response.js';
import { PROBE_LIMITS } from './limits.js';

/** Status line and headers of one response. Names are in lower case; values of a repeated name are joined by a comma. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

/** A higher version than ours is read as ours (RFC 9110, section 2.5). */
const STATUS_LINE = /^HTTP\/\d\.\d +([1-9]\d\d)(?: .*)?$/;
const START = /^(?:H|HT|HTT|HTTP|HTTP\/|HTTP\/\d|HTTP\/\d\.)?$/;
const START_LENGTH = 'HTTP/1.'.length;
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** What follows the status line is no continuation of it: the headers begin there (RFC 9112, section 2.2). */
const FOLDED_STATUS = /^[^\n]*\n[ \t]/;
const FOLD = /\r?\n[ \t]+/g;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Length of the head with which `bytes` begin, its empty line included; undefined while it is not whole. Throws when
 * what is there can be no response.
 */
export function headLength(bytes: Buffer): number | undefined {
  if (!START.test(bytes.toString('latin1', 0, START_LENGTH)))
    throw new BrokenResponse('the response is not HTTP/1');
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    const next = bytes[at + 1] === CR ? at + 2 : at + 1;
    if (bytes[next] === LF) return next + 1;
  }
  return undefined;
}

/** Reads a whole head. RFC 9112, sections 4 and 5; a line may end without CR (section 2.2). */
export function parseHead(text: string): ResponseHead {
  if (FOLDED_STATUS.test(text)) throw new BrokenResponse('a folded line follows the status line');
  const [statusLine = '', ...lines] = text.trimEnd().replace(FOLD, ' ').split(/\r?\n/);
  const status = STATUS_LINE.exec(statusLine)?.[1];
  if (status === undefined) throw new BrokenResponse('the status line is broken');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (colon === -1 || !FIELD_NAME.test(name)) throw new BrokenResponse('a header is broken');
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(status), headers };
}

/** Says that a head has become too long. */
export function headTooLong(): BrokenResponse {
  return new BrokenResponse(`the response head is longer than ${PROBE_LIMITS.headBytes} bytes`);
}
