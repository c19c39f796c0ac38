import { describe, expect, it } from '@jest/globals';
import { RestClient } from './rest-client.js';
import { problem } from './testing/stub-site.fixture.js';
import { stubbedCli } from './testing/stubbed-cli.fixture.js';

const cli = stubbedCli();
const { signalbox } = cli;

const backend = (name: string, version: number, more = {}) => ({
  type: 'backend',
  backend: name,
  version,
  ...more,
});
const packet = (id: string, data: { type: string }) =>
  `event: ${data.type}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
const line = (data: object) => `${JSON.stringify(data)}\n`;

const A1 = backend('a', 1, { synthetic: true, detail: 'é✓' });
const A2 = backend('a', 2);
const B2 = backend('b', 2);
const F = { type: 'frontend', frontend: 'f', version: 1 };

describe('watch events', () => {
  it('prints one compact line for each event and ends after num', async () => {
    cli.site.on('GET /v1/stream', {
      packets: ['retry: 1000\n\n: ping\n\n', packet('1.0', A1), packet('2.0', A2), packet('3.0', B2)],
      then: 'open',
    });
    expect(await signalbox('watch events num 2')).toEqual({ code: 0, out: line(A1) + line(A2), err: '' });
    expect(cli.site.requests).toMatchObject([
      { url: '/v1/stream', headers: { accept: 'text/event-stream', authorization: 'Bearer sbx_t' } },
    ]);
    expect(cli.site.requests[0]?.headers['last-event-id']).toBeUndefined();
  });

  it('reads events whose packets are cut anywhere, also within a character', async () => {
    const bytes = Buffer.from(packet('1.0', A1));
    const at = bytes.indexOf(Buffer.from('é')) + 1;
    cli.site.on('GET /v1/stream', { packets: [bytes.subarray(0, at), bytes.subarray(at)], then: 'open' });
    expect((await signalbox('watch events --num 1')).out).toBe(line(A1));
  });

  it('makes one line of data that came in several', async () => {
    cli.site.on('GET /v1/stream', { packets: ['data: {"type":\r\ndata: "backend"}\r\n\r\n'], then: 'open' });
    expect((await signalbox('watch events num 1')).out).toBe('{"type":"backend"}\n');
  });

  it('asks for what is wanted, and prints nothing else', async () => {
    const packets = [packet('1.0', A1), packet('2.0', B2), packet('2.1', F)];
    cli.site.on('GET /v1/stream', { packets, then: 'open' });
    expect((await signalbox('watch events backend b frontend num 2')).out).toBe(line(B2) + line(F));
    expect((await signalbox('watch events --backend a --backend b --num 2')).out).toBe(line(A1) + line(B2));
    expect((await signalbox('watch events --live num 2')).out).toBe(line(B2) + line(F));
    expect(cli.site.requests.map(({ url }) => decodeURIComponent(url))).toEqual([
      '/v1/stream?kind=backend,frontend',
      '/v1/stream?kind=backend&name=a,b',
      '/v1/stream',
    ]);
  });

  it.each(['end', 'reset'] as const)(
    'goes on where it was after a connection that is lost (%s)',
    async (then) => {
      const pauses: number[] = [];
      cli.site.on(
        'GET /v1/stream',
        { packets: [packet('1.0', A1), packet('2.0', A2)], then },
        'reset',
        'reset',
        {
          packets: [packet('3.0', B2)],
          then: 'open',
        },
      );
      const { code, out, err } = await signalbox('watch events num 3', {
        sleep: (ms) => Promise.resolve(void pauses.push(ms)),
      });
      expect({ code, out }).toEqual({ code: 0, out: line(A1) + line(A2) + line(B2) });
      expect(cli.site.requests.map(({ headers }) => headers['last-event-id'])).toEqual([
        undefined,
        '2.0',
        '2.0',
        '2.0',
      ]);
      expect(pauses).toEqual([250, 500, 1000]);
      expect(err).toMatch(/^signalbox: .*; connecting again until Ctrl-C\nsignalbox: connected again\n$/);
    },
  );

  it('waits at most 5 s, and little again once something came', async () => {
    const pauses: number[] = [];
    const resets = Array<'reset'>(6).fill('reset');
    cli.site.on(
      'GET /v1/stream',
      { packets: [packet('1.0', A1)], then: 'end' },
      ...resets,
      { packets: [': ping\n\n'], then: 'end' },
      { packets: [packet('2.0', A2)], then: 'open' },
    );
    await signalbox('watch events num 2', { sleep: (ms) => Promise.resolve(void pauses.push(ms)) });
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 250]);
  });

  it('Ctrl-C ends it with 0, while it reads and while it waits', async () => {
    const reading = new AbortController();
    cli.site.on('GET /v1/stream', { packets: [packet('1.0', A1)], then: 'open' });
    expect(
      await signalbox('watch events', { interrupted: () => reading.signal, onOut: () => reading.abort() }),
    ).toEqual({ code: 0, out: line(A1), err: '' });

    const waiting = new AbortController();
    cli.site.on('GET /v1/stream', { packets: [packet('1.0', A1)], then: 'end' });
    const ended = await signalbox('watch events', {
      interrupted: () => waiting.signal,
      sleep: (_ms, signal) => {
        expect(signal).toBe(waiting.signal);
        return Promise.resolve(waiting.abort());
      },
    });
    expect(ended).toMatchObject({ code: 0, out: line(A1) });
    expect(cli.site.requests).toHaveLength(2);
  });

  it.each([
    [7, problem(401, 'unauthorized', 'no token'), 'unauthorized'],
    [1, problem(422, 'validation-failed', 'no such kind'), 'validation-failed'],
    [1, problem(503, 'not-ready', 'too many streams'), 'not-ready'],
    [6, { body: { no: 'stream' } }, 'unexpected-answer'],
    [6, 'reset' as const, 'unreachable'],
  ])('%i when the first answer is an error', async (code, answer, says) => {
    cli.site.on('GET /v1/stream', answer);
    const ended = await signalbox('watch events');
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toContain(`signalbox: ${says}: `);
    expect(cli.site.requests).toHaveLength(1);
  });

  it('an error answer ends it also later', async () => {
    cli.site.on(
      'GET /v1/stream',
      { packets: [packet('1.0', A1)], then: 'end' },
      problem(401, 'unauthorized', 'gone'),
    );
    const { code, out } = await signalbox('watch events');
    expect({ code, out }).toEqual({ code: 7, out: line(A1) });
  });

  it('data that is not JSON ends it', async () => {
    cli.site.on('GET /v1/stream', { packets: ['data: hello\n\n'], then: 'open' });
    const { code, err } = await signalbox('watch events');
    expect(code).toBe(6);
    expect(err).toContain('unexpected-answer: the stream holds an event that is not JSON');
  });
});

it('a stream that falls silent counts as lost', async () => {
  cli.site.on('GET /v1/stream', { packets: ['data: a\n\n'], then: 'open' });
  const client = new RestClient({ url: cli.site.url, token: '' });
  const limits = { type: 'text/event-stream' as const, signal: new AbortController().signal, silenceMs: 20 };
  let read = '';
  const reading = async () => {
    for await (const piece of await client.stream('/v1/stream', {}, limits)) read += piece;
  };
  await expect(reading()).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('nothing came for 0.02 s'),
  });
  expect(['', 'data: a\n\n']).toContain(read);
});
