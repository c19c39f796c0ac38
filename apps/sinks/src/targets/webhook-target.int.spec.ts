import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import { type ConfigSinkSpec, sha256Hex, type SinkContent } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import {
  CLUSTER_CA,
  CLUSTER_CERTIFICATE,
  CLUSTER_KEY,
  optionalProgram,
  SocketServers,
  until,
} from '@signalbox/testing';
import { LONGEST_REST_MS } from '../domain/retry-after.js';
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

/** Of somebody who has nothing to do with the servers here. */
const [OTHER_CA = ''] = rootCertificates;

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

/** Keeps what it gets and then answers. */
function keeping(answer: RequestListener): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks) });
      answer(request, response);
    });
  };
}

async function serve(answer: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await servers.listen(createServer(keeping(answer)))}/hooks/edge`;
}

/** As {@link serve}, over TLS with a certificate for localhost and 127.0.0.1 of an authority of its own. */
async function serveTls(host = '127.0.0.1'): Promise<string> {
  const server = createTlsServer({ key: CLUSTER_KEY, cert: CLUSTER_CERTIFICATE }, keeping(status(200)));
  return `https://${host}:${await servers.listen(server, host)}/hooks/edge`;
}

async function authorities(name: string, text: string): Promise<string> {
  const caFile = join(directory, name);
  await writeFile(caFile, text);
  return caFile;
}

function status(code: number, text = '', headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => void response.writeHead(code, headers).end(text);
}

function target(
  url: string,
  about: Partial<ConfigSinkSpec> & { secretFile?: string; caFile?: string; timeout?: string } = {},
): WebhookTarget {
  const { secretFile, caFile, timeout, ...spec } = about;
  const webhook = {
    url,
    ...(secretFile !== undefined && { secretFile }),
    ...(caFile !== undefined && { caFile }),
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

  it('can verify the signature by a program that knows nothing of us', async () => {
    const url = await serveTls();
    const caFile = await authorities('ca.pem', CLUSTER_CA);
    await applied(target(url, { secretFile: keyFile, caFile }), 'é\r\n\0');
    const { headers, body } = got[0]!;
    const verify = (input: Buffer): string =>
      execFileSync(process.execPath, ['-e', VERIFIER], {
        input,
        env: {
          KEY,
          TIMESTAMP: String(headers['signalbox-timestamp']),
          SIGNATURE: String(headers['signalbox-signature']),
        },
      }).toString();
    expect([verify(body), verify(Buffer.concat([body, Buffer.from('x')]))]).toEqual(['genuine', 'forged']);
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

/** As docs/reference/sinks.md tells readers to do it. */
const VERIFIER = `
  const { createHmac, timingSafeEqual } = require('node:crypto');
  const { KEY, TIMESTAMP, SIGNATURE } = process.env;
  const body = require('node:fs').readFileSync(0);
  const mac = createHmac('sha256', KEY).update(TIMESTAMP + '.').update(body).digest('hex');
  const [given, expected] = [Buffer.from(SIGNATURE), Buffer.from('v1=' + mac)];
  const isGenuine = given.length === expected.length && timingSafeEqual(given, expected);
  process.stdout.write(isGenuine ? 'genuine' : 'forged');
`;

describe('a webhook over TLS', () => {
  it('with an authority of its own gets the document', async () => {
    const url = await serveTls();
    const content = await applied(target(url, { caFile: await authorities('ca.pem', CLUSTER_CA) }));
    expect([content.place, got.map(({ body }) => body.toString())]).toEqual([url, ['hello']]);
  });

  it('is trusted by the file as it is when a document is sent', async () => {
    const url = await serveTls();
    const caFile = await authorities('later.pem', OTHER_CA);
    const hook = target(url, { caFile });
    await expect(hook.apply(document('one'), undefined, never)).rejects.toBeInstanceOf(SinkFault);
    await authorities('later.pem', CLUSTER_CA);
    await hook.apply(document('two', 8), undefined, never);
    expect(got.map(({ body }) => body.toString())).toEqual(['two']);
  });

  it.each([
    [
      'of an authority that nobody named',
      undefined,
      '127.0.0.1',
      /of no authority that is trusted here .* caFile$/,
    ],
    ['of another authority', OTHER_CA, '127.0.0.1', /of no authority that is trusted here .* caFile$/],
    ['for another name', CLUSTER_CA, '127.0.0.2', /IP: 127\.0\.0\.2 is not in the cert's list/],
  ])('with a certificate %s gets nothing, and is tried again', async (_what, ca, host, expected) => {
    const url = await serveTls(host);
    const caFile = ca === undefined ? {} : { caFile: await authorities('wrong.pem', ca) };
    const fault = await faultOf(target(url, caFile));
    expect([fault.body.code, fault.mayPass, got]).toEqual(['sink-unreachable', true, []]);
    expect(fault.message).toMatch(expected);
  });

  it.each([
    ['that is not there', undefined, /gone\.pem, cannot be read \(ENOENT\): put certificates in PEM there/],
    ['that holds none', 'a key\n', /holds no certificate/],
    ['that is far too large', 'x'.repeat(3 * 1024 * 1024), /has more than 2097152 bytes/],
  ])('and authorities in a file %s gets nothing', async (_what, text, expected) => {
    const caFile = text === undefined ? join(directory, 'gone.pem') : await authorities('odd.pem', text);
    const fault = await faultOf(target(await serveTls(), { caFile }));
    expect([fault.body.code, fault.mayPass, got]).toEqual(['sink-unreachable', true, []]);
    expect(fault.message).toMatch(expected);
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

  it.each([
    [429, '90', 90_000],
    [503, 'Sat, 30 May 2026 12:01:00 GMT', 59_250],
    [500, '86400', LONGEST_REST_MS],
    [503, 'later', undefined],
    // what is refused for good is not tried again, whatever it says
    [404, '5', undefined],
  ])('with %i is left alone for as long as it asks by Retry-After: %s', async (code, retryAfter, restMs) => {
    const url = await serve(status(code, '', { 'Retry-After': retryAfter }));
    const { body, restMs: found } = await faultOf(target(url));
    expect(found).toBe(restMs);
    const rest = restMs === undefined ? '' : ` and asks to be left alone for ${Math.ceil(restMs / 1000)} s`;
    expect(body.message).toBe(`${url} answered ${code}${rest}`);
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
