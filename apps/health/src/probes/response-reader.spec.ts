import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BrokenResponse } from './broken-response.js';
import { type HttpResponse, ResponseReader } from './response-reader.js';

/** Gives the bytes in these packets, then closes. */
function read(packets: readonly Buffer[], wantsBody = true): HttpResponse {
  const reader = new ResponseReader(() => wantsBody);
  for (const packet of packets) {
    const response = reader.take(packet);
    if (response) return response;
  }
  return reader.end();
}

const readText = (text: string, wantsBody = true): HttpResponse => read([Buffer.from(text)], wantsBody);

const head = (...headers: string[]): string => ['HTTP/1.1 200 OK', ...headers, '', ''].join('\r\n');

describe('ResponseReader', () => {
  const whole: [what: string, text: string, body: string][] = [
    ['a length', `${head('content-length: 5')}hello and more`, 'hello'],
    ['the same length twice', `${head('Content-Length: 5', 'content-length: 5')}hello`, 'hello'],
    ['no length', `${head('Server: x')}hello`, 'hello'],
    [
      'chunks',
      `${head('Transfer-Encoding: chunked')}3\r\nhel\r\n02 ; x="y"\r\nlo\r\n0\r\nA: b\r\n\r\n`,
      'hello',
    ],
    ['chunks and a length', `${head('transfer-encoding: chunked', 'content-length: 1')}1\nh\n0\n`, 'h'],
    ['no body', head('Content-Length: 0'), ''],
    ['lines without CR', 'HTTP/1.0 200\nContent-Length: 5\n\nhello', 'hello'],
    ['a folded header', `${head('A: b', ' c', 'Content-Length:', '\t5')}hello`, 'hello'],
    [
      'interim responses',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n${head()}hello`,
      'hello',
    ],
    ['characters of several bytes', `${head()}prêt ✓`, 'prêt ✓'],
  ];

  it.each(whole)('reads a response with %s', (_, text, body) => {
    expect(readText(text)).toEqual({ status: 200, body });
  });

  it('reads the same from any packets', () => {
    const cuts = fc.array(fc.nat(150), { maxLength: 20 });
    fc.assert(
      fc.property(fc.constantFrom(...whole), cuts, ([, text, body], at) => {
        const bytes = Buffer.from(text);
        const ends = [...new Set([...at.filter((cut) => cut < bytes.length), bytes.length])].sort(
          (a, b) => a - b,
        );
        const packets = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
        expect(read(packets)).toEqual({ status: 200, body });
      }),
    );
  });

  it('takes a response or throws BrokenResponse, whatever comes', () => {
    const piece = fc.oneof(
      fc.constantFrom('HTTP/1.1 200 OK\r\n', '\r\n', '\n', 'Transfer-Encoding: chunked\r\n', '5\r\n', 'A:'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, wantsBody) => {
        try {
          const packets = pieces.map((text) => Buffer.from(text));
          expect(read(packets, wantsBody).status).toBeGreaterThanOrEqual(100);
        } catch (error) {
          expect(error).toBeInstanceOf(BrokenResponse);
        }
      }),
    );
  });

  it('has the status at the end of the head when no body is wanted', () => {
    const reader = new ResponseReader(() => false);
    expect(reader.take(Buffer.from('HTTP/1.1 200 OK\r\n'))).toBeUndefined();
    expect(reader.take(Buffer.from('\r\n'))).toEqual({ status: 200 });
  });

  it('asks by status whether the body is wanted', () => {
    const reader = new ResponseReader((status) => status === 200);
    const response = reader.take(Buffer.from('HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\n'));
    expect(response).toEqual({ status: 500 });
  });

  it.each([101, 204, 304])('expects nothing after a %i', (status) => {
    const text = `HTTP/1.1 ${status} X\r\nUpgrade: x\r\n\r\n`;
    expect(readText(text, status !== 101).status).toBe(status);
  });

  it('keeps 64 KiB of a body', () => {
    const reader = new ResponseReader(() => true);
    expect(reader.take(Buffer.from(`${head()}${'x'.repeat(65_535)}`))).toBeUndefined();
    expect(reader.take(Buffer.from('yz'))?.body).toBe(`${'x'.repeat(65_535)}y`);
    const chunk = `${head('Transfer-Encoding: chunked')}fffff\r\n${'x'.repeat(65_536)}`;
    expect(readText(chunk).body).toHaveLength(65_536);
  });

  it.each([
    ['not HTTP', 'SSH-2.0', 'is not HTTP/1'],
    ['not HTTP/1', 'HTTP/2 200\r\n\r\n', 'is not HTTP/1'],
    ['no status', 'HTTP/1.1\r\n\r\n', 'status line'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'status line'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'status line'],
    ['a header without colon', head('Server'), 'header'],
    ['a header with a space in its name', head('Content Length: 5'), 'header'],
    ['a header without name', head(': x'), 'header'],
    ['another coding', `${head('Transfer-Encoding: identity')}hello`, 'transfer coding'],
    ['a coding before chunks', `${head('Transfer-Encoding: gzip, chunked')}0\n`, 'transfer coding'],
    ['a length that is none', `${head('Content-Length: -5')}hello`, 'content length'],
    ['two lengths', `${head('Content-Length: 5, 6')}hello!`, 'content length'],
    ['a chunk without size', `${head('Transfer-Encoding: chunked')}\r\nhello`, 'chunk'],
    ['a chunk longer than it says', `${head('Transfer-Encoding: chunked')}2\r\nhello\r\n`, 'chunk'],
    ['a chunk line without end', `${head('Transfer-Encoding: chunked')}${'0'.repeat(1_025)}`, 'chunk'],
    ['a closed connection', '', 'closed before the response'],
    ['half a head', 'HTTP/1.1 200 OK\r\nServer: x\r\n', 'closed within the response'],
    ['an interim response and nothing more', 'HTTP/1.1 100 Continue\r\n\r\n', 'closed before the response'],
    ['half a body', `${head('Content-Length: 6')}hello`, 'closed within the body'],
    ['no last chunk', `${head('Transfer-Encoding: chunked')}5\r\nhello\r\n`, 'closed within the body'],
    ['an endless head', `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(16_384)}`, 'longer than 16384 bytes'],
    ['endless interim responses', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(656), 'longer than 16384 bytes'],
  ])('does not take %s', (_, text, says) => {
    const take = (): unknown => readText(text);
    expect(take).toThrow(BrokenResponse);
    expect(take).toThrow(says);
  });
});
