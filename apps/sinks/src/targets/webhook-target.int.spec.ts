import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import { type ConfigSinkSpec, sha256Hex, type SinkContent } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { optionalProgram, SocketServers, until } from '@signalbox/testing';
import { type SinkDocument, SinkFault } from '../sink-target.js';
import { ANSWER_BYTES } from './post-document.js';
import { WebhookTarget } from './webhook-target.js';

const NOW_MS = Date.parse('2026-05-30T12:00:00.750Z');
const KEY = 'a key of 24 random bytes';
const never = new AbortController().signal;
const openssl = optionalProgram('openssl', 'a signature is made by somebody else');

class FixedClock extends Clock {
  now(): number {
    return NOW_MS;
  }
}

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

let directory: string;
let keyFile: string;
let servers: SocketServers;
let got: Got[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-webhook-'));
  keyFile = join(directory, 'key');
  await writeFile(keyFile, `${KEY}\n`);
});
afterAll(() => rm(directory, { recursive: true, force: true }));
beforeEach(() => {
  servers = new SocketServers();
  got = [];
});
afterEach(() => servers.close());

/** A server that keeps what it gets and then answers. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks) });
      answer(request, response);
    });
  });
  return `http://127.0.0.1:${await servers.listen(server)}/hooks/edge`;
}

function status(code: number, text = '', headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => void response.writeHead(code, headers).end(text);
}

function target(
  url: string,
  about: Partial<ConfigSinkSpec> & { secretFile?: string; timeout?: string } = {},
): WebhookTarget {
  const { secretFile, timeout, ...spec } = about;
  const webhook = {
    url,
    ...(secretFile !== undefined && { secretFile }),
    ...(timeout !== undefined && { timeout }),
  };
  return new WebhookTarget(new FixedClock(), { sink: 'edge/é', spec: { ...spec, webhook } });
}

function document(text: string, generation = 7): SinkDocument {
  const bytes = Buffer.from(text);
  return { generation, resources: [], bytes, digest: sha256Hex(bytes) };
}

async function applied(hook: WebhookTarget, text = 'hello'): Promise<SinkContent> {
  const content = await hook.apply(document(text), undefined, never);
  await hook.stop();
  return content;
}

async function faultOf(hook: WebhookTarget): Promise<SinkFault> {
  const fault: unknown = await applied(hook).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(SinkFault);
  expect((fault as SinkFault).step).toBe('send');
  return fault as SinkFault;
}

describe('a webhook', () => {
  it('gets the document with what it is of', async () => {
    const url = await serve(status(204));
    expect(await applied(target(url), 'a: 1\n')).toEqual({
      generation: 7,
      digest: sha256Hex('a: 1\n'),
      bytes: 5,
      resources: 0,
      at: '2026-05-30T12:00:00.750Z',
      place: url,
    });
    expect(got).toHaveLength(1);
    const { headers, body } = got[0]!;
    expect(body.toString()).toBe('a: 1\n');
    expect(headers).toMatchObject({
      'content-type': 'application/yaml',
      'content-length': '5',
      'signalbox-sink': 'edge%2F%C3%A9',
      'signalbox-generation': '7',
      'signalbox-digest': `sha256:${sha256Hex('a: 1\n')}`,
      'signalbox-timestamp': '1780142400',
    });
    expect(headers['signalbox-signature']).toBeUndefined();
  });

  it.each([
    [{ format: 'json' as const }, 'application/json'],
    [{ template: 'x' }, 'text/plain; charset=utf-8'],
    [{ template: 'x', format: 'json' as const }, 'text/plain; charset=utf-8'],
  ])('is told what %j is', async (spec, type) => {
    await applied(target(await serve(status(200)), spec));
    expect(got[0]?.headers['content-type']).toBe(type);
  });

  (openssl ? it : it.skip)('can verify the signature with openssl alone', async () => {
    await applied(target(await serve(status(200)), { secretFile: keyFile }), 'é\r\n\0');
    const { headers, body } = got[0]!;
    const signed = Buffer.concat([Buffer.from(`${String(headers['signalbox-timestamp'])}.`), body]);
    const hmac = execFileSync(openssl!, ['dgst', '-sha256', '-hmac', KEY, '-r'], { input: signed });
    expect(headers['signalbox-signature']).toBe(`v1=${hmac.toString().split(' ')[0]}`);
  });

  it('is sent nothing unsigned when its key cannot be read, and all of it when it can', async () => {
    const secretFile = join(directory, 'later');
    const hook = target(await serve(status(200)), { secretFile });
    const fault = await hook
      .apply(document('x'), undefined, never)
      .catch((error: unknown) => error as SinkFault);
    expect(fault).toMatchObject({ step: 'send', body: { code: 'secret-missing' }, mayPass: true });
    expect(got).toEqual([]);
    await writeFile(secretFile, KEY);
    await until('the key to be read', () =>
      hook.apply(document('x'), undefined, never).then(
        () => true,
        () => false,
      ),
    );
    expect(got[0]?.headers['signalbox-signature']).toMatch(/^v1=[0-9a-f]{64}$/);
    await hook.stop();
  });

  it('counts after a restart as having what it got last', async () => {
    const content = await applied(target(await serve(status(200))));
    const again = target('http://127.0.0.1:1');
    expect(await again.recover(content)).toBe(content);
    expect(await again.drift()).toBeUndefined();
  });
});

describe('a webhook that fails', () => {
  it.each([500, 503, 408, 425, 429])('with %i is tried again', async (code) => {
    const url = await serve(status(code, 'busy'));
    const { body, mayPass, output } = await faultOf(target(url));
    expect({ body, mayPass, output }).toEqual({
      body: { code: 'sink-unreachable', message: `${url} answered ${code}` },
      mayPass: true,
      output: 'busy',
    });
  });

  it.each([400, 401, 404, 413, 422])('with %i refuses the document', async (code) => {
    const fault = await faultOf(target(await serve(status(code, 'no such zone'))));
    expect([fault.body.code, fault.mayPass, fault.output]).toEqual(['sink-refused', false, 'no such zone']);
  });

  it('with a redirect is not followed', async () => {
    const location = 'http://user:secret@127.0.0.1:9/other';
    const fault = await faultOf(target(await serve(status(307, '', { location }))));
    expect([fault.body.code, fault.mayPass]).toEqual(['sink-refused', false]);
    expect(fault.message).toContain('names http://user:***@127.0.0.1:9/other');
    expect(got).toHaveLength(1);
  });

  it('and then works has the document', async () => {
    const url = await serve(
      (_request, response) => void response.writeHead(got.length === 1 ? 500 : 200).end(),
    );
    const hook = target(url);
    await expect(hook.apply(document('one'), undefined, never)).rejects.toBeInstanceOf(SinkFault);
    await hook.apply(document('two', 8), undefined, never);
    expect(got.map(({ body }) => body.toString())).toEqual(['one', 'two']);
  });

  it('by saying nothing is given up after its timeout', async () => {
    const fault = await faultOf(target(await serve(() => undefined), { timeout: '200ms' }));
    expect(fault.message).toMatch(/does not answer: nothing came within 0\.2 s$/);
    expect([fault.body.code, fault.mayPass]).toEqual(['sink-unreachable', true]);
    await servers.allClosed(1);
  });

  it('by an answer that never ends shows what came of it', async () => {
    const url = await serve((_request, response) => void response.writeHead(500).write('began'));
    const fault = await faultOf(target(url, { timeout: '200ms' }));
    expect([fault.message, fault.output]).toEqual([`${url} answered 500`, 'began']);
    await servers.allClosed(1);
  });

  it('is not waited for once it said that it has the document', async () => {
    await applied(target(await serve((_request, response) => void response.writeHead(200).write('and'))));
    await servers.allClosed(1);
  });

  it('with a flood is read in part', async () => {
    const flood = 'x'.repeat(10 * 1024 * 1024);
    const fault = await faultOf(target(await serve(status(400, flood))));
    expect(fault.output).toBe('x'.repeat(ANSWER_BYTES));
  });

  it.each([
    ['a reset', (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()],
    ['garbage', (socket: { end(text: string): void }) => socket.end('garbage\r\n\r\n')],
    ['the end', (socket: { end(text: string): void }) => socket.end('')],
  ])('by %s is tried again', async (_how, fail) => {
    const port = await servers.tcp((socket) => socket.once('data', () => fail(socket)));
    const fault = await faultOf(target(`http://127.0.0.1:${port}`));
    expect([fault.body.code, fault.mayPass]).toEqual(['sink-unreachable', true]);
  });

  it('by not being there is tried again', async () => {
    const url = `http://127.0.0.1:${await servers.closedPort()}`;
    const fault = await faultOf(target(url));
    expect(fault.message).toMatch(/does not answer: .*ECONNREFUSED/);
    expect(fault.mayPass).toBe(true);
  });

  it('is left when the service stops', async () => {
    const stop = new AbortController();
    const url = await serve(() => stop.abort());
    const fault = await target(url)
      .apply(document('x'), undefined, stop.signal)
      .catch((error: unknown) => error as SinkFault);
    expect(fault).toMatchObject({ message: `${url} does not answer: the service stops`, mayPass: true });
  });
});
