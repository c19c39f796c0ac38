import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ERRORS, isCausedByFacts, type PluginSpec, sha256Hex, validateResource } from '@signalbox/contracts';
import { CA, CERTIFICATE, KEY } from '../../../../../libs/bus/src/certificates.fixture.js';
import { buildPluginRequest } from '../../domain/plugin-request.js';
import { executePlugin } from '../execute-plugin.js';
import type { ExecutedPlugin, PluginExecution } from '../executed-plugin.js';
import { EndpointAgents } from './endpoint-agents.js';
import { type Answering, HostileEndpoint, resultText } from './hostile-endpoint.fixture.js';

const NOW = Date.parse('2026-05-30T12:00:00Z');
const NOTE = { apiVersion: 'example.net/v1', kind: 'Note', metadata: { name: 'n' }, spec: { text: 'x' } };
const WITH_NOTE = { ttl: '5m', resources: [NOTE] };

let endpoint: HostileEndpoint;
let agents: EndpointAgents;

beforeEach(async () => {
  endpoint = await HostileEndpoint.start();
  agents = new EndpointAgents();
});

afterEach(async () => {
  agents.stop();
  await endpoint.stop();
});

function execute(
  change: Partial<PluginSpec> = {},
  more: Partial<PluginExecution> & { readonly tag?: string } = {},
): Promise<ExecutedPlugin> {
  const spec: PluginSpec = {
    mode: 'http',
    http: { url: endpoint.url },
    capabilities: ['propose.dynamicConfig'],
    ...change,
  };
  const { tag = 'run-1.1' } = more;
  const request = buildPluginRequest({
    plugin: 'claims',
    facts: [],
    contextResources: [],
    startupConfigHash: 'abc',
    effectiveGeneration: 1,
    previousDynamicGeneration: 0,
    nowMs: NOW,
    tag,
    capabilities: spec.capabilities ?? [],
  });
  const where = { pluginDirs: [], secretDirs: [tmpdir()], searchPath: '/bin' };
  const base = { name: 'claims', spec, ...where, request, nowMs: NOW, validate: validateResource };
  return executePlugin({ ...base, endpoints: agents, ...more });
}

/** Executes against an endpoint that answers so. */
function against(answer: Answering, change: Partial<PluginSpec> = {}): Promise<ExecutedPlugin> {
  endpoint.answer = answer;
  return execute(change);
}

describe('a plugin of mode http', () => {
  it('gets the request as JSON, with the run and its attempt, and its body is the result', async () => {
    const body = resultText(WITH_NOTE);
    const { result, error, execution } = await against((response) => response.end(body));
    expect(error).toBeUndefined();
    expect(result?.resources).toEqual([NOTE]);
    expect(execution).toEqual({
      startedAt: '2026-05-30T12:00:00.000Z',
      durationMs: expect.any(Number),
      stdoutDigest: sha256Hex(body),
    });
    const [seen] = endpoint.seen;
    expect(seen).toMatchObject({
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'signalbox-run': 'run-1',
        'signalbox-attempt': '1',
        'idempotency-key': 'run-1.1',
      },
      request: { kind: 'PluginRequest', metadata: { name: 'claims' }, meta: { tag: 'run-1.1' } },
    });
    expect(seen?.headers.authorization).toBeUndefined();
  });

  it('may answer YAML', async () => {
    const yaml = 'apiVersion: plugin.routerd.net/v1alpha1\nkind: PluginResult\nstatus: { ttl: 5m }\n';
    const { result } = await against((response) =>
      response.setHeader('content-type', 'text/plain').end(yaml),
    );
    expect(result).toMatchObject({ ttlMs: 300_000, resources: [] });
  });

  it('is held to capabilities and to the form of a result', async () => {
    const answer: Answering = (response) => response.end(resultText(WITH_NOTE));
    expect((await against(answer, { capabilities: [] })).error?.code).toBe('capability-missing');
    const wrong = await against((response) => response.end(resultText({ ttl: 'soon' })));
    expect(wrong.error).toMatchObject({
      code: 'plugin-output-invalid',
      errors: [{ pointer: '/status/ttl' }],
    });
    const fatal = resultText({ results: [{ severity: 'fatal', reason: 'No', message: 'no such nic' }] });
    const refused = await against((response) => response.end(fatal));
    expect(refused.error).toMatchObject({
      code: 'plugin-exit',
      message: expect.stringContaining('no such nic'),
    });
  });

  it('is told of its start before it sees the request, and sees nothing when that cannot be recorded', async () => {
    const digests: unknown[] = [];
    const onStart = (digest?: string): Promise<void> => Promise.resolve(void digests.push(digest));
    await execute({}, { onStart });
    expect([digests, endpoint.seen.length]).toEqual([[undefined], 1]);
    const failing = (): Promise<void> => Promise.reject(new Error('NATS is away'));
    await expect(execute({}, { onStart: failing })).rejects.toThrow('NATS is away');
    expect(endpoint.seen).toHaveLength(1);
  });
});

describe('its connections', () => {
  it('are kept from run to run, and never more than spec.concurrency', async () => {
    const waiting: (() => void)[] = [];
    endpoint.answer = (response) => {
      waiting.push(() => response.end(resultText()));
      if (waiting.length === 2) for (const go of waiting.splice(0)) go();
    };
    const runs = Array.from({ length: 8 }, (_, at) => execute({ concurrency: 2 }, { tag: `run-${at}.1` }));
    for (const { error } of await Promise.all(runs)) expect(error).toBeUndefined();
    expect([endpoint.mostOpen, endpoint.connectionsMade]).toEqual([2, 2]);
  });

  it('that the endpoint has closed meanwhile cost no run: the request goes out again with the same key', async () => {
    await execute();
    // cut in the step in which the next request is written, so that it is on its way already
    endpoint.answer = (response, { connection }) =>
      connection === 1 ? void response.socket?.resetAndDestroy() : void response.end(resultText());
    const { error } = await execute({}, { tag: 'run-2.1' });
    expect(error).toBeUndefined();
    expect(
      endpoint.seen.slice(1).map(({ headers, connection }) => [headers['idempotency-key'], connection]),
    ).toEqual([
      ['run-2.1', 1],
      ['run-2.1', 2],
    ]);
  });

  it('end with the plugin; a request in work goes on', async () => {
    let finish: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      endpoint.answer = (response) => {
        finish = () => void response.end(resultText());
        resolve();
      };
    });
    const run = execute();
    await asked;
    agents.keep(new Map());
    finish();
    expect((await run).error).toBeUndefined();
    endpoint.answer = (response) => response.end(resultText());
    await execute();
    expect(endpoint.connectionsMade).toBe(2);
  });
});

describe('a hostile endpoint', () => {
  const quick = { timeout: '300ms' } as const;

  it('that never answers is timed out', async () => {
    const { error } = await against(() => undefined, quick);
    expect(error).toMatchObject({
      code: 'plugin-timeout',
      message:
        'plugin claims: timed out after 300ms: the connection was closed; raise spec.timeout if it needs longer',
    });
  });

  it('that stops in its body, or drips beyond the deadline, is timed out', async () => {
    const hanging = await against((response) => void response.write('{"apiVersion":'), quick);
    expect(hanging.error?.code).toBe('plugin-timeout');
    const dripping = await against((response) => {
      response.write('{');
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    }, quick);
    expect(dripping.error?.code).toBe('plugin-timeout');
  });

  it('that answers too much is cut off at 4 MiB', async () => {
    const { error } = await against((response) => response.end(Buffer.alloc(5 * 1024 * 1024, ' ')));
    expect(error).toMatchObject({
      code: 'plugin-output-limit',
      message: 'plugin claims: answered with more than 4194304 bytes and was cut off',
    });
  });

  it('that answers headers without end is cut off', async () => {
    const { error } = await against((response) => response.setHeader('x-much', 'a'.repeat(20_000)).end());
    expect(error?.code).toBe('plugin-output-limit');
  });

  it.each([
    ['nothing', '', 'wrote nothing into the body'],
    ['garbage', 'garbage\u0000', 'the body holds "garbage'],
    ['another document', '{"kind":"Note"}', '/apiVersion must be'],
    ['half a document', resultText().slice(0, -5), 'not valid YAML'],
  ])('that answers %s has an invalid result', async (_what, text, message) => {
    const { error } = await against((response) => response.end(text));
    expect(error).toMatchObject({ code: 'plugin-output-invalid', message: expect.stringContaining(message) });
  });

  it('that answers bytes that are no UTF-8 has an invalid result', async () => {
    const { error } = await against((response) => response.end(Buffer.from([0x7b, 0xff, 0x7d])));
    expect(error).toMatchObject({
      code: 'plugin-output-invalid',
      message: expect.stringContaining('the body'),
    });
  });

  it('that redirects is not followed', async () => {
    const { error } = await against((response) =>
      response.writeHead(302, { location: 'http://ann:hush@elsewhere.example/' }).end(),
    );
    expect(error).toMatchObject({
      code: 'plugin-refused',
      message: expect.stringContaining('answered 302 and names http://ann:***@elsewhere.example/: redirects'),
    });
    expect(endpoint.seen).toHaveLength(1);
  });

  it('that fails is quoted with the first 8 KiB of its body', async () => {
    const text = `out of memory\n${'x'.repeat(100_000)}`;
    const { error, execution } = await against((response) => response.writeHead(500).end(text));
    expect(error).toMatchObject({
      code: 'plugin-exit',
      message: 'plugin claims: answered 500: out of memory',
    });
    expect(execution.stderr).toBe(text.slice(0, 8 * 1024));
  });

  it('that refuses and goes on without end is quoted with what came', async () => {
    const { error, execution } = await against((response) => {
      response.writeHead(503).write('maintenance');
    }, quick);
    expect([error?.code, execution.stderr]).toEqual(['plugin-unreachable', 'maintenance']);
  });

  it('that closes its connection without an answer, or in it, has failed', async () => {
    const silent = await against((response) => response.socket?.destroy());
    expect(silent.error).toMatchObject({
      code: 'plugin-exit',
      message: expect.stringContaining('broke the connection off'),
    });
    const reset = await against((response) => response.socket?.resetAndDestroy());
    expect(reset.error?.code).toBe('plugin-exit');
    const partial = await against((response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write(resultText(), () => response.socket?.destroy());
    });
    expect(partial.error?.code).toBe('plugin-exit');
    expect(isCausedByFacts('plugin-exit')).toBe(true);
  });

  it('that speaks no HTTP has an invalid result', async () => {
    const raw = await HostileEndpoint.startRaw((socket) => socket.end('SSH-2.0-x\r\n'));
    try {
      const { error } = await execute({ http: { url: raw.url } });
      expect(error).toMatchObject({
        code: 'plugin-output-invalid',
        message: expect.stringContaining('answered no HTTP'),
      });
    } finally {
      await raw.stop();
    }
  });

  it('that is not there cannot be reached, and no fact is to blame', async () => {
    const { url } = endpoint;
    await endpoint.stop();
    endpoint = await HostileEndpoint.start();
    const { error } = await execute({ http: { url } });
    expect(error).toMatchObject({
      code: 'plugin-unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect([isCausedByFacts('plugin-unreachable'), ERRORS['plugin-unreachable'].retryable]).toEqual([
      false,
      true,
    ]);
  });

  it('is given up at a stop', async () => {
    const stopping = new AbortController();
    endpoint.answer = () => stopping.abort();
    const { error } = await execute({}, { signal: stopping.signal });
    expect(error?.code).toBe('run-lost');
  });
});

describe('an endpoint with TLS', () => {
  let secure: HostileEndpoint;
  let directory: string;

  beforeAll(async () => {
    secure = await HostileEndpoint.startSecure({ key: KEY, cert: CERTIFICATE });
    directory = await mkdtemp(join(tmpdir(), 'signalbox-ca-'));
  });

  afterAll(async () => {
    await secure.stop();
    await rm(directory, { recursive: true });
  });

  async function authorities(name: string, text: string): Promise<string> {
    const path = join(directory, name);
    await writeFile(path, text);
    return path;
  }

  it('is trusted by the authorities of its file, as the file is at each run', async () => {
    const caFile = await authorities('ca.pem', CA);
    const http = { url: secure.url, caFile };
    expect((await execute({ http })).error).toBeUndefined();
    // another authority: a certificate that vouches for itself only
    await writeFile(caFile, CERTIFICATE);
    const before = secure.seen.length;
    const { error } = await execute({ http });
    expect(error).toMatchObject({
      code: 'plugin-untrusted',
      message: expect.stringContaining('no TLS connection that can be trusted'),
    });
    expect(secure.seen).toHaveLength(before);
    await writeFile(caFile, CA);
    expect((await execute({ http })).error).toBeUndefined();
  });

  it('is not trusted by the authorities of the machine, and sees nothing', async () => {
    const before = secure.seen.length;
    const { error } = await execute({ http: { url: secure.url } });
    expect(error?.code).toBe('plugin-untrusted');
    expect(secure.seen).toHaveLength(before);
  });

  it('is not trusted under another name', async () => {
    const caFile = await authorities('named.pem', CA);
    const { error } = await execute({ http: { url: secure.url.replace('127.0.0.1', 'localhost'), caFile } });
    expect(error?.code).toBe('plugin-untrusted');
  });

  it('that speaks plain HTTP is told so', async () => {
    const { error } = await execute({ http: { url: endpoint.url.replace('http:', 'https:') } });
    expect(error?.code).toBe('plugin-untrusted');
    expect(endpoint.seen).toHaveLength(0);
  });

  it.each([
    ['that is not there', '/nowhere/ca.pem', 'cannot be read (ENOENT)'],
    ['that is a directory', '/', 'is not a regular file'],
  ])('does not run with a file of authorities %s', async (_what, caFile, message) => {
    const { error } = await execute({ http: { url: secure.url, caFile } });
    expect(error).toMatchObject({
      code: 'plugin-start-failed',
      message: expect.stringContaining(message),
      errors: [{ pointer: '/spec/http/caFile' }],
    });
  });

  it('does not run with a file that holds no certificates', async () => {
    for (const text of ['', 'hello', KEY]) {
      const { error } = await execute({
        http: { url: secure.url, caFile: await authorities('bad.pem', text) },
      });
      expect(error?.message).toContain('holds no certificates');
    }
  });
});

describe('the secret of an endpoint', () => {
  const TOKEN = 'tok-en.0123456789';
  let directory: string;
  let file: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-bearer-'));
    file = join(directory, 'token');
  });
  beforeEach(() => writeFile(file, `${TOKEN}\n`));
  afterAll(() => rm(directory, { recursive: true }));

  function withToken(answer: Answering, more: Partial<PluginExecution> = {}): Promise<ExecutedPlugin> {
    endpoint.answer = answer;
    const http = { url: endpoint.url, bearerSecret: 'token' };
    return execute({ http, secrets: [{ name: 'token', file }] }, more);
  }

  it('is shown as a bearer, as its file is at each run', async () => {
    const ok: Answering = (response) => response.end(resultText());
    expect((await withToken(ok)).error).toBeUndefined();
    await writeFile(file, 'another-token');
    expect((await withToken(ok)).error).toBeUndefined();
    expect(endpoint.seen.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${TOKEN}`,
      'Bearer another-token',
    ]);
    expect(JSON.stringify(endpoint.seen.map(({ request }) => request))).not.toContain('oken');
  });

  it('is in nothing that is told of what the endpoint says, and may not be proposed', async () => {
    const runs = [
      await withToken((response) => response.writeHead(401).end(`bad token ${TOKEN}`)),
      await withToken((response) => response.writeHead(500).end(`${'x'.repeat(8192 - 8)}${TOKEN}`)),
      await withToken((response) =>
        response.writeHead(302, { location: `/${'y'.repeat(1010)}${TOKEN}` }).end(),
      ),
      await withToken((response) => response.end(`oops ${TOKEN}\n${resultText()}`)),
      await withToken((response) => response.end(resultText({ ttl: TOKEN }))),
      await withToken((response) =>
        response.end(resultText({ ...WITH_NOTE, resources: [{ ...NOTE, spec: { TOKEN } }] })),
      ),
    ];
    expect(runs.map(({ error }) => error?.code)).toEqual([
      'plugin-refused',
      'plugin-exit',
      'plugin-refused',
      'plugin-output-invalid',
      'plugin-output-invalid',
      'secret-in-result',
    ]);
    expect(runs[0]).toMatchObject({
      error: { message: 'plugin claims: answered 401: bad token [redacted]' },
      execution: { stderr: 'bad token [redacted]' },
    });
    const told = runs.map(({ error, execution }) => JSON.stringify([error?.toBody(), execution])).join();
    expect(told).not.toContain('tok-en');
  });

  it.each([
    ['is not there', undefined, 'secret-missing'],
    ['is empty', '\n', 'secret-missing'],
    ['holds a line end', 'one\ntwo', 'secret-refused'],
    ['holds what is no ASCII', 'sch\u00fcssel', 'secret-refused'],
    ['is longer than a header', 'x'.repeat(8193), 'secret-refused'],
  ])('that %s keeps the endpoint from being asked', async (_what, content, code) => {
    if (content === undefined) await rm(file);
    else await writeFile(file, content);
    const starts: unknown[] = [];
    const onStart = (): Promise<void> => Promise.resolve(void starts.push(1));
    const { error } = await withToken((response) => response.end(resultText()), { onStart });
    expect(error).toMatchObject({ code, errors: [{ pointer: expect.stringMatching(/^\/spec\//) }] });
    expect([starts, endpoint.seen]).toEqual([[], []]);
  });
});
