import { afterEach, describe, expect, it } from '@jest/globals';
import { LocalProber } from './local-prober.js';
import { NEVER, Servers, target } from './servers.fixture.js';

const servers = new Servers();
const prober = new LocalProber();
afterEach(() => servers.close());

type Verdict = 'up' | 'down';

const OK = 'HTTP/1.1 200 OK\r\n';
const TWO = 'Content-Length: 2\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const CHUNKS = '2\r\nok\r\n0\r\n\r\n';

/**
 * Odd responses, each closed after its last byte, with the verdicts that blackbox_exporter 0.23.0 and HAProxy 2.6.12
 * (Debian 12) gave for them: status 200 expected, the body not looked at. Where both say the same, so must we.
 */
const AGREED: readonly [what: string, response: string, verdict: Verdict][] = [
  ['a plain response', `${OK}${TWO}\r\nok`, 'up'],
  ['the same length twice', `${OK}${TWO}${TWO}\r\nok`, 'up'],
  ['two different lengths', `${OK}${TWO}Content-Length: 3\r\n\r\nok`, 'down'],
  ['a list of different lengths', `${OK}Content-Length: 2, 3\r\n\r\nok`, 'down'],
  ['a length with garbage', `${OK}Content-Length: 2x\r\n\r\nok`, 'down'],
  ['a length below zero', `${OK}Content-Length: -1\r\n\r\nok`, 'down'],
  ['a length with a plus', `${OK}Content-Length: +2\r\n\r\nok`, 'down'],
  ['a length in hex', `${OK}Content-Length: 0x2\r\n\r\nok`, 'down'],
  ['a length that overflows', `${OK}Content-Length: 99999999999999999999\r\n\r\nok`, 'down'],
  ['a length with many zeros', `${OK}Content-Length: 0000000000000002\r\n\r\nok`, 'up'],
  ['more body than its length', `${OK}${TWO}\r\nokok`, 'up'],
  ['chunks', `${OK}${CHUNKED}\r\n${CHUNKS}`, 'up'],
  ['chunks and a length', `${OK}${CHUNKED}${TWO}\r\n${CHUNKS}`, 'up'],
  ['the coding identity', `${OK}Transfer-Encoding: identity\r\n\r\nok`, 'down'],
  ['the coding gzip', `${OK}Transfer-Encoding: gzip\r\n\r\nok`, 'down'],
  ['an unknown coding', `${OK}Transfer-Encoding: foo\r\n\r\nok`, 'down'],
  ['gzip, then chunks', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n${CHUNKS}`, 'down'],
  ['chunks twice', `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n${CHUNKS}`, 'down'],
  ['chunks in two headers', `${OK}${CHUNKED}${CHUNKED}\r\n${CHUNKS}`, 'down'],
  ['chunks, then identity', `${OK}Transfer-Encoding: chunked, identity\r\n\r\n${CHUNKS}`, 'down'],
  ['a fold after the status line', `${OK} folded: a\r\n${TWO}\r\nok`, 'down'],
  ['a fold by tab after the status line', `${OK}\tfolded\r\n${TWO}\r\nok`, 'down'],
  ['a fold after a header', `${OK}X-A: a\r\n b\r\n${TWO}\r\nok`, 'up'],
  ['a fold in the last header', `${OK}${TWO}X-A: a\r\n b\r\n\r\nok`, 'up'],
  ['a length on a fold', `${OK}Content-Length:\r\n 2\r\n\r\nok`, 'up'],
  ['a blank fold', `${OK}X-A: a\r\n \r\n${TWO}\r\nok`, 'up'],
  ['lines without CR', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', 'up'],
  ['lines without LF', 'HTTP/1.1 200 OK\rContent-Length: 2\r\rok', 'down'],
  ['NUL in a value', `${OK}X-A: a\0b\r\n${TWO}\r\nok`, 'up'],
  ['NUL in the reason', `HTTP/1.1 200 O\0K\r\n${TWO}\r\nok`, 'up'],
  ['a control character in a value', `${OK}X-A: a\x01b\r\n${TWO}\r\nok`, 'up'],
  ['a byte above ASCII in a value', `${OK}X-A: a\xffb\r\n${TWO}\r\nok`, 'up'],
  ['a byte above ASCII in the reason', `HTTP/1.1 200 O\xffK\r\n${TWO}\r\nok`, 'up'],
  ['no reason', `HTTP/1.1 200\r\n${TWO}\r\nok`, 'up'],
  ['an empty reason', `HTTP/1.1 200 \r\n${TWO}\r\nok`, 'up'],
  ['HTTP/0.9', '<html>ok</html>', 'down'],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nok', 'up'],
  ['HTTP/1.2', `HTTP/1.2 200 OK\r\n${TWO}\r\nok`, 'up'],
  ['HTTP/2.0 in text', `HTTP/2.0 200 OK\r\n${TWO}\r\nok`, 'up'],
  ['HTTP/2 in text', `HTTP/2 200 OK\r\n${TWO}\r\nok`, 'down'],
  ['HTTP/1.10', `HTTP/1.10 200 OK\r\n${TWO}\r\nok`, 'down'],
  ['http in small letters', `http/1.1 200 OK\r\n${TWO}\r\nok`, 'down'],
  ['ICY', 'ICY 200 OK\r\n\r\nok', 'down'],
  ['two blanks before the status', `HTTP/1.1  200 OK\r\n${TWO}\r\nok`, 'up'],
  ['a status of two digits', `HTTP/1.1 20 OK\r\n${TWO}\r\nok`, 'down'],
  ['a status of four digits', `HTTP/1.1 2000 OK\r\n${TWO}\r\nok`, 'down'],
  ['a status with a plus', `HTTP/1.1 +20 OK\r\n${TWO}\r\nok`, 'down'],
  ['the status 000', `HTTP/1.1 000 OK\r\n${TWO}\r\nok`, 'down'],
  ['a status with letters', `HTTP/1.1 200OK\r\n${TWO}\r\nok`, 'down'],
  ['a blank before it', ` ${OK}${TWO}\r\nok`, 'down'],
  ['a header without colon', `${OK}garbage\r\n${TWO}\r\nok`, 'down'],
  ['no end of the head', `${OK}${TWO}`, 'down'],
  ['nothing', '', 'down'],
];

/** Where those two differ, what we say, and why. */
const DISPUTED: readonly [
  what: string,
  response: string,
  blackbox: Verdict,
  haproxy: Verdict,
  ours: Verdict,
][] = [
  // RFC 9110, section 8.6, allows both readings.
  ['a list of equal lengths', `${OK}Content-Length: 2, 2\r\n\r\nok`, 'down', 'up', 'up'],
  ['an empty length', `${OK}Content-Length:\r\n\r\nok`, 'up', 'down', 'down'],
  // blackbox_exporter reads every body; the head is all that is asked for.
  ['less body than its length', `${OK}Content-Length: 5\r\n\r\nok`, 'down', 'up', 'up'],
  // Chunks override a length, RFC 9112, section 6.3.
  ['chunks and a broken length', `${OK}${CHUNKED}Content-Length: x\r\n\r\n${CHUNKS}`, 'up', 'down', 'up'],
  ['an empty coding', `${OK}Transfer-Encoding:\r\n\r\nok`, 'down', 'up', 'down'],
  ['CR in the reason', `HTTP/1.1 200 O\rK\r\n${TWO}\r\nok`, 'up', 'down', 'down'],
  ['NUL in a name', `${OK}X\0A: ab\r\n${TWO}\r\nok`, 'up', 'down', 'down'],
  ['a header without name', `${OK}: a\r\n${TWO}\r\nok`, 'up', 'down', 'down'],
  ['a blank before the colon', `${OK}X-A : a\r\n${TWO}\r\nok`, 'up', 'down', 'down'],
  ['a tab before the status', `HTTP/1.1\t200 OK\r\n${TWO}\r\nok`, 'down', 'up', 'down'],
  ['an empty line before it', `\r\n${OK}${TWO}\r\nok`, 'down', 'up', 'down'],
  // HAProxy takes an interim response for the final one.
  ['an interim response', `HTTP/1.1 100 Continue\r\n\r\n${OK}${TWO}\r\nok`, 'up', 'down', 'up'],
  ['a head over 16 KiB', `${OK}X: ${'a'.repeat(20_000)}\r\n${TWO}\r\nok`, 'up', 'down', 'down'],
];

async function verdictOn(response: string): Promise<Verdict> {
  const port = await servers.says(response, 'end');
  const { ok, code } = await prober.probe(target('http', port), NEVER);
  expect(code).toBe(ok ? 'L7OK' : 'L7RSP');
  return ok ? 'up' : 'down';
}

describe('X38 odd responses are judged as blackbox_exporter and HAProxy judge them', () => {
  it.each(AGREED)('%s', async (_, response, verdict) => {
    expect(await verdictOn(response)).toBe(verdict);
  });

  it.each(DISPUTED)('where they differ: %s', async (_, response, _blackbox, _haproxy, ours) => {
    expect(await verdictOn(response)).toBe(ours);
  });

  it('says what is wrong', async () => {
    const detailOf = async (response: string) =>
      (await prober.probe(target('http', await servers.says(response)), NEVER)).detail;
    const lengths = `${OK}${TWO}Content-Length: 3\r\n\r\nok`;
    expect(await detailOf(lengths)).toBe('there is more than one content length: 2, 3');
    expect(await detailOf(`${OK} folded\r\n\r\n`)).toBe('a folded line follows the status line');
  });
});
