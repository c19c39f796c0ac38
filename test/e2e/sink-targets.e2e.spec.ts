import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type ConfigSinkSpec, type Resource, SINK_API, type SinkState } from '@signalbox/contracts';
import { Site, SocketServers, until } from '@signalbox/testing';
import { connect, type KV, type NatsConnection, nkeyAuthenticator } from 'nats';
import { manifest, resource } from './manifests.js';

jest.setTimeout(300_000);

const THING_API = 'example.net/v1';
const QUICK = { minWait: '0s', maxWait: '0s' } as const;
const SECRET = 'a key that only both sides know';

interface Shown {
  readonly state?: SinkState;
  readonly reason?: string;
  readonly content?: { readonly generation: number; readonly digest: string };
  readonly failure?: {
    readonly step: string;
    readonly error: { readonly code: string };
    readonly output?: string;
  };
  readonly applies: readonly { readonly outcome: string }[];
}

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('targets of sinks', () => {
  let site: Site;
  let nats: NatsConnection;
  let servers: SocketServers;
  let hook: string;
  const got: Got[] = [];
  /** What the server answers with. */
  let answer = 200;

  beforeAll(async () => {
    // each service with its own rights on NATS: that of sinks has to reach buckets
    site = await Site.start({ shape: 'services' });
    const seed = await site.natsSeed('operator');
    nats = await connect({
      servers: site.nats.url,
      ...(seed !== undefined && { authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) }),
    });
    await writeFile(join(site.secretDir, 'hook.key'), `${SECRET}\n`);
    servers = new SocketServers();
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (answer === 200) got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        response.writeHead(answer).end('no room');
      });
    });
    hook = `http://127.0.0.1:${await servers.listen(server)}/hook`;
  }, 300_000);

  afterAll(async () => {
    await nats?.close();
    await servers?.close();
    await site?.stop();
  }, 300_000);

  function sink(name: string, target: Partial<ConfigSinkSpec>): Resource {
    return resource(SINK_API, 'ConfigSink', name, { ...QUICK, ...target });
  }

  const thing = (kind: string, name: string, value: string): Resource =>
    resource(THING_API, kind, name, { value });

  const bucket = (name: string): Promise<KV> => nats.jetstream().views.kv(name, { bindOnly: true });

  /** Values of a bucket by the last token of their keys. */
  async function valuesOf(name: string): Promise<Record<string, string>> {
    const kv = await bucket(name);
    const keys: string[] = [];
    for await (const key of await kv.keys()) keys.push(key);
    const found = await Promise.all(keys.map(async (key) => [key, await kv.get(key)] as const));
    return Object.fromEntries(
      found.flatMap(([key, entry]) =>
        entry ? [[key.split('.').at(-1)!, entry.json<Resource>().spec['value'] as string]] : [],
      ),
    );
  }

  async function untilHas(name: string, values: Record<string, string>): Promise<void> {
    await until(
      `${name} to have ${JSON.stringify(values)}`,
      async () => JSON.stringify(await valuesOf(name)) === JSON.stringify(values),
    );
  }

  const describeSink = (name: string): Promise<Shown> => site.json<Shown>('sink', 'describe', name);

  async function untilIs(name: string, state: SinkState): Promise<Shown> {
    return until(`${name} to be ${state}`, async () => {
      const shown = await describeSink(name);
      return shown.state === state ? shown : undefined;
    });
  }

  it('a bucket follows resources that come, change and go', async () => {
    await site.apply(
      manifest(
        sink('things', {
          select: { kinds: ['Thing'] },
          natsKv: { bucket: 'things', prefix: 'site-a' },
          onEmpty: 'write',
        }),
        thing('Thing', 'a', '1'),
        thing('Thing', 'b', '1'),
        thing('Other', 'c', '1'),
      ),
    );
    await untilHas('things', { a: '1', b: '1' });
    await site.apply(manifest(thing('Thing', 'b', '2')));
    await untilHas('things', { a: '1', b: '2' });
    expect((await site.cli('delete', 'Thing', 'a')).code).toBe(0);
    await untilHas('things', { b: '2' });
    const { code, stdout } = await site.cli('sink', 'list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^things +natsKv +applied +\d+ +0 /m);
    const key = 'site-a.example_net.v1.Thing.default.b';
    expect((await (await bucket('things')).get(key))?.string()).toBe(
      '{"apiVersion":"example.net/v1","kind":"Thing","metadata":{"name":"b"},"spec":{"value":"2"}}',
    );
  });

  it('a paused sink writes nothing, and the newest only when it is resumed', async () => {
    const paused = await site.cli('sink', 'pause', 'things', '--reason', 'new kernel');
    expect(paused).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^things paused: paused by .*: new kernel$/m),
    });
    const { content } = await describeSink('things');
    for (const value of ['3', '4', '5']) await site.apply(manifest(thing('Thing', 'b', value)));
    const rendered = await site.cli('sink', 'render', 'things');
    expect([rendered.code, rendered.stdout]).toEqual([3, expect.stringContaining('value: "5"')]);
    expect((await describeSink('things')).content).toEqual(content);
    expect(await valuesOf('things')).toEqual({ b: '2' });
    const watched = nats.subscribe('$KV.things.>');
    const seen: unknown[] = [];
    watched.callback = (_error, message) => void seen.push(message.json<Resource>().spec['value']);
    await nats.flush();
    expect((await site.cli('sink', 'resume', 'things')).code).toBe(0);
    await untilHas('things', { b: '5' });
    watched.unsubscribe();
    expect(seen).toEqual(['5']);
  });

  it('what somebody else writes into a bucket stays until an operator wants it otherwise', async () => {
    await untilIs('things', 'applied');
    const key = 'site-a.example_net.v1.Thing.default.b';
    await (await bucket('things')).put(key, JSON.stringify(thing('Thing', 'b', 'by hand')));
    const { reason } = await untilIs('things', 'drifted');
    expect(reason).toBe(`1 of 1 keys of bucket things were changed by somebody else: ${key} (written)`);
    await site.apply(manifest(thing('Thing', 'd', '1')));
    expect((await site.cli('sink', 'resume', 'things')).code).toBe(0);
    await untilHas('things', { b: '5', d: '1' });
    await untilIs('things', 'applied');
  });

  it('a webhook gets what changes, signed, and after failures the newest only', async () => {
    const select = { kinds: ['Hooked'] };
    const webhook = { url: hook, secretFile: join(site.secretDir, 'hook.key') };
    const template = '{% for one in resources %}{{ one.spec.value }}{% endfor %}';
    await site.apply(manifest(thing('Hooked', 'a', 'one'), sink('hook', { select, webhook, template })));
    await until('the first document', () => got.length === 1);
    const { headers, body } = got[0]!;
    expect([body, headers['content-type'], headers['signalbox-sink']]).toEqual([
      'one',
      'text/plain; charset=utf-8',
      'hook',
    ]);
    const mac = createHmac('sha256', SECRET)
      .update(`${String(headers['signalbox-timestamp'])}.one`)
      .digest('hex');
    expect(headers['signalbox-signature']).toBe(`v1=${mac}`);
    answer = 503;
    await site.apply(manifest(thing('Hooked', 'a', 'two')));
    const { failure, content } = await untilIs('hook', 'degraded');
    expect(failure).toMatchObject({ step: 'send', error: { code: 'sink-unreachable' }, output: 'no room' });
    expect(headers['signalbox-digest']).toBe(`sha256:${content?.digest}`);
    await site.apply(manifest(thing('Hooked', 'a', 'three')));
    await until(
      'the newest to be known',
      async () => (await site.cli('sink', 'render', 'hook')).stdout === 'three',
    );
    answer = 200;
    await until('the newest document', () => got.length === 2);
    expect(got[1]?.body).toBe('three');
    const { applies } = await untilIs('hook', 'applied');
    expect(applies[0]?.outcome).toBe('applied');
    expect(applies.map(({ outcome }) => outcome)).toContain('failed');
  });

  it('nothing is written again when the site starts anew, and it goes on from there', async () => {
    const before = await Promise.all(['things', 'hook'].map(describeSink));
    const manager = await nats.jetstreamManager();
    const lastSeq = async (): Promise<number> => (await manager.streams.info('KV_things')).state.last_seq;
    const seq = await lastSeq();
    await site.shutDown();
    await site.up();
    await site.apply(manifest(thing('Thing', 'd', '2')));
    await untilHas('things', { b: '5', d: '2' });
    expect(await lastSeq()).toBe(seq + 1);
    expect(got).toHaveLength(2);
    expect((await describeSink('hook')).content).toEqual(before[1]?.content);
    expect((await describeSink('things')).applies[0]?.outcome).toBe('applied');
    expect(await site.differences()).toBe('');
  });
});
