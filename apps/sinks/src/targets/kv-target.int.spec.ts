import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Bus } from '@signalbox/bus';
import {
  canonicalJson,
  CodedError,
  type Resource,
  sha256Hex,
  SINK_VALUE_BYTES,
  type SinkContent,
  sinkKeyOf,
  sinkValuesDigest,
  sinkValuesOf,
  refOf,
} from '@signalbox/contracts';
import { SystemClock } from '@signalbox/runtime';
import { NatsProcess, until } from '@signalbox/testing';
import { connect, type KV, type NatsConnection } from 'nats';
import { type SinkDocument, SinkFault } from '../sink-target.js';
import { KvTarget } from './kv-target.js';

const START_MS = 300_000;
const MANY = 1000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const never = new AbortController().signal;
const clock = new SystemClock();
let directory: string;
let server: NatsProcess;
let bus: Bus;
let other: NatsConnection;
let bucket: string;
let targets: KvTarget[];
let buckets = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-kv-'));
  server = await NatsProcess.start(directory);
  bus = await newBus();
  other = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
}, START_MS);

afterAll(async () => {
  await bus.close();
  await other.close();
  await server.kill();
  await rm(directory, { recursive: true, force: true });
});

beforeEach(() => {
  bucket = `edge-${(buckets += 1)}`;
  targets = [];
});

function newBus(): Promise<Bus> {
  return Bus.connect({ url: server.url, name: 'sinks', log: silent });
}

function target(options: { overwrites?: boolean; over?: Bus; sink?: string } = {}): KvTarget {
  const { overwrites = false, over = bus, sink = 'edge' } = options;
  const made = new KvTarget(over, clock, { sink, spec: { bucket, prefix: 'site' }, overwrites });
  targets.push(made);
  return made;
}

function claim(name: string, address = '10.0.0.1'): Resource {
  return {
    apiVersion: 'hybrid.routerd.net/v1alpha1',
    kind: 'RemoteAddressClaim',
    metadata: { name },
    spec: { address },
  };
}

function keyOf(resource: Resource): string {
  return sinkKeyOf(refOf(resource), 'site');
}

function document(generation: number, resources: readonly Resource[]): SinkDocument {
  const values = [...sinkValuesOf(resources)].map(([key, value]) => [key, sha256Hex(value)] as const);
  return { generation, resources, bytes: Buffer.alloc(0), digest: sinkValuesDigest(new Map(values)) };
}

/** The bucket as any client of NATS KV sees it. */
function view(): Promise<KV> {
  return other.jetstream().views.kv(bucket, { bindOnly: true });
}

async function valuesOf(): Promise<Record<string, string>> {
  const kv = await view();
  const keys: string[] = [];
  for await (const key of await kv.keys()) keys.push(key);
  return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, (await kv.get(key))!.string()])));
}

function expectedOf(...resources: Resource[]): Record<string, string> {
  return Object.fromEntries(resources.map((one) => [keyOf(one), canonicalJson(one)]));
}

async function lastSeq(): Promise<number> {
  const manager = await other.jetstreamManager();
  return (await manager.streams.info(`KV_${bucket}`)).state.last_seq;
}

async function faultOf(work: Promise<unknown>): Promise<SinkFault> {
  const fault: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(SinkFault);
  return fault as SinkFault;
}

/** A target that has applied these. */
async function applied(
  resources: readonly Resource[],
  options: Parameters<typeof target>[0] = {},
): Promise<{ kv: KvTarget; content: SinkContent }> {
  const kv = target(options);
  expect(await kv.recover(undefined, never)).toBeUndefined();
  return { kv, content: await kv.apply(document(1, resources), undefined, never) };
}

describe('a bucket of NATS KV', () => {
  it('has a key for each resource; only what changed is written, and what left is deleted', async () => {
    const [a, b, c] = [claim('a'), claim('b'), claim('c')];
    const { kv, content } = await applied([a, b]);
    expect(content).toMatchObject({
      generation: 1,
      digest: document(1, [a, b]).digest,
      resources: 2,
      place: `${bucket}/site`,
    });
    expect(content.bytes).toBe(canonicalJson(a).length + canonicalJson(b).length);
    expect(await valuesOf()).toEqual(expectedOf(a, b));
    const changed = claim('b', '10.0.0.2');
    const next = await kv.apply(document(2, [changed, c]), content, never);
    expect(await valuesOf()).toEqual(expectedOf(changed, c));
    expect(await lastSeq()).toBe(5);
    await kv.apply(document(3, [changed, c]), next, never);
    expect(await lastSeq()).toBe(5);
    expect(await kv.drift(next)).toBeUndefined();
  });

  it('keeps one value for each key, of a bounded size, and forgets what was deleted', async () => {
    const { kv, content } = await applied([claim('a')]);
    const manager = await other.jetstreamManager();
    const { config } = await manager.streams.info(`KV_${bucket}`);
    expect(config).toMatchObject({ max_msgs_per_subject: 1, max_msg_size: SINK_VALUE_BYTES, discard: 'new' });
    await kv.apply(document(2, []), content, never);
    const marker = await manager.streams.getMessage(`KV_${bucket}`, {
      last_by_subj: `$KV.${bucket}.${keyOf(claim('a'))}`,
    });
    expect([marker.header.get('KV-Operation'), marker.header.get('Nats-TTL')]).toEqual(['DEL', '30m']);
  });

  it('of a restarted service is known again without a write', async () => {
    const { content } = await applied([claim('a'), claim('b')]);
    const again = target();
    expect(await again.recover(content, never)).toEqual(content);
    expect(await again.drift(content)).toBeUndefined();
    await again.apply(document(1, [claim('a'), claim('b')]), content, never);
    expect(await lastSeq()).toBe(2);
  });

  it('leaves alone what nobody wanted of us', async () => {
    const { kv, content } = await applied([claim('a')]);
    const theirs = await view();
    await theirs.put('site.motd', 'hello');
    await theirs.put(keyOf(claim('z')), 'not ours');
    expect(await kv.drift(content)).toBeUndefined();
    await kv.apply(document(2, []), content, never);
    expect(await valuesOf()).toEqual({ 'site.motd': 'hello', [keyOf(claim('z'))]: 'not ours' });
  });

  it('takes 1,000 keys at once, and then the one that changes', async () => {
    const all = Array.from({ length: MANY }, (_, index) => claim(`vm-${index}`));
    const { kv, content } = await applied(all);
    expect(content.resources).toBe(MANY);
    all[7] = claim('vm-7', '10.0.0.7');
    await kv.apply(document(2, all), content, never);
    expect(await lastSeq()).toBe(MANY + 1);
    expect(await valuesOf()).toEqual(expectedOf(...all));
  });

  it('gets nothing of a document of which one value is too large', async () => {
    const { kv, content } = await applied([claim('a')]);
    const large = claim('b', 'x'.repeat(SINK_VALUE_BYTES));
    const fault = await faultOf(kv.apply(document(2, [claim('a', '10.0.0.9'), large]), content, never));
    expect([fault.step, fault.body.code, fault.mayPass]).toEqual(['write', 'too-large', false]);
    expect(fault.message).toContain('RemoteAddressClaim.default.b has');
    expect(await valuesOf()).toEqual(expectedOf(claim('a')));
  });
});

describe('what somebody else writes into a bucket', () => {
  it('is told, and written over only after that', async () => {
    const { kv, content } = await applied([claim('a'), claim('b')]);
    await (await view()).put(keyOf(claim('a')), 'by hand');
    const next = document(2, [claim('a', '10.0.0.2'), claim('b')]);
    const fault = await faultOf(kv.apply(next, content, never));
    expect([fault.body.code, fault.mayPass]).toEqual(['sink-changed', true]);
    expect((await valuesOf())[keyOf(claim('a'))]).toBe('by hand');
    expect(await kv.drift(content)).toEqual({
      what: `1 of 2 keys of bucket ${bucket} were changed by somebody else: ${keyOf(claim('a'))} (written)`,
      isGone: false,
    });
    // and once more, unseen
    await (await view()).put(keyOf(claim('a')), 'by hand again');
    await faultOf(kv.apply(next, content, never));
    await kv.drift(content);
    await kv.apply(next, content, never);
    expect(await valuesOf()).toEqual(expectedOf(claim('a', '10.0.0.2'), claim('b')));
  });

  it('is written over at once where the sink says so', async () => {
    await other.jetstream().views.kv(bucket);
    await (await view()).put(keyOf(claim('a')), 'was there before');
    await applied([claim('a')], { overwrites: true });
    expect(await valuesOf()).toEqual(expectedOf(claim('a')));
  });

  it('is not written over by the first document', async () => {
    await other.jetstream().views.kv(bucket);
    await (await view()).put(keyOf(claim('a')), 'was there before');
    const kv = target();
    expect(await kv.recover(undefined, never)).toBeUndefined();
    const fault = await faultOf(kv.apply(document(1, [claim('a')]), undefined, never));
    expect(fault.message).toBe(
      `bucket ${bucket} has keys that somebody else wrote: ${keyOf(claim('a'))}. Delete them there, or say onDrift: overwrite`,
    );
  });

  it('while another sink has the key as well is told', async () => {
    const { kv, content } = await applied([claim('a')]);
    await applied([claim('a', '10.0.0.2')], { sink: 'second', overwrites: true });
    expect(await kv.drift(content)).toMatchObject({ isGone: false });
  });

  it.each(['delete', 'purge'] as const)('is only gone after a %s, and comes back', async (how) => {
    const { kv, content } = await applied([claim('a'), claim('b')]);
    await (await view())[how](keyOf(claim('a')));
    expect(await kv.drift(content)).toMatchObject({ isGone: true });
    await kv.apply(document(1, [claim('a'), claim('b')]), content, never);
    expect(await valuesOf()).toEqual(expectedOf(claim('a'), claim('b')));
  });

  it('is seen when the stream itself was purged, and when the bucket is gone', async () => {
    const { kv, content } = await applied([claim('a'), claim('b')]);
    const manager = await other.jetstreamManager();
    for (const clear of ['purge', 'delete'] as const) {
      await manager.streams[clear](`KV_${bucket}`);
      expect(await kv.drift(content)).toMatchObject({ isGone: true });
      await kv.apply(document(1, [claim('a'), claim('b')]), content, never);
      expect(await valuesOf()).toEqual(expectedOf(claim('a'), claim('b')));
    }
  });

  it('is hinted at as it comes; what we write is not', async () => {
    const { kv, content } = await applied([claim('a')]);
    let hints = 0;
    kv.watch(() => (hints += 1));
    await kv.apply(document(2, [claim('a', '10.0.0.2')]), content, never);
    await bus.connection.flush();
    expect(hints).toBe(0);
    await (await view()).put(keyOf(claim('a')), 'by hand');
    await until('a hint', () => hints === 1);
    await kv.stop();
  });

  it('while the service was away is told when it is back', async () => {
    const { content } = await applied([claim('a'), claim('b')]);
    await (await view()).put(keyOf(claim('a')), 'by hand');
    const again = target();
    const found = await again.recover(content, never);
    expect(found).toMatchObject({ generation: 1, resources: 1 });
    expect(found?.digest).not.toBe(content.digest);
    expect(await again.drift(found!)).toMatchObject({
      what: expect.stringContaining(`${keyOf(claim('a'))} (written)`),
      isGone: false,
    });
  });
});

describe('an apply that is interrupted', () => {
  const before = Array.from({ length: MANY }, (_, index) => claim(`vm-${index}`));
  const after = before.map((_, index) => claim(`vm-${index}`, '10.0.0.2'));

  it('by the end of the process goes on where it was', async () => {
    const { content } = await applied(before);
    const doomed = await newBus();
    const kv = target({ over: doomed });
    await kv.recover(content, never);
    let written = 0;
    const seen = other.subscribe(`$KV.${bucket}.>`, {
      callback: () => {
        if ((written += 1) === MANY / 2) void doomed.cut();
      },
    });
    const fault = await faultOf(kv.apply(document(2, after), content, never));
    expect([fault.body.code, fault.mayPass]).toEqual(['nats-unavailable', true]);
    seen.unsubscribe();
    const again = target();
    const found = await again.recover(content, never);
    expect(found).toMatchObject({ resources: MANY, generation: 1 });
    expect([content.digest, document(2, after).digest]).not.toContain(found?.digest);
    // what we wrote before the end is not taken for somebody else's
    expect(await again.drift(found!)).toBeUndefined();
    expect(await again.apply(document(2, after), found, never)).toMatchObject({
      digest: document(2, after).digest,
    });
    expect(await valuesOf()).toEqual(expectedOf(...after));
  });

  it('by the end of NATS fails, and passes when it is back', async () => {
    const { kv, content } = await applied([claim('a')]);
    await server.kill();
    const fault = await faultOf(kv.apply(document(2, [claim('b')]), content, never));
    expect([fault.step, fault.body.code, fault.mayPass]).toEqual(['write', 'nats-unavailable', true]);
    expect(await kv.drift(content)).toBeUndefined();
    await server.start();
    await until('NATS to be there again', () => bus.isUp);
    // the client of the test comes back on its own, later or sooner than the service's
    await other.flush();
    await until('the bucket to have it', () =>
      kv.apply(document(2, [claim('b')]), content, never).then(
        () => true,
        () => false,
      ),
    );
    expect(await valuesOf()).toEqual(expectedOf(claim('b')));
  }, 60_000);

  it('after it was stored unheard is ours, and neither drift nor in the way of the next', async () => {
    const deaf = await newBus();
    const made = target({ over: deaf });
    await made.recover(undefined, never);
    const first = await made.apply(document(1, [claim('a'), claim('b')]), undefined, never);
    const { publisher } = deaf;
    const publish = publisher.publish.bind(publisher);
    publisher.publish = async (...args) => {
      await publish(...args);
      throw new CodedError('nats-unavailable', 'the connection was lost before the ack came');
    };
    await faultOf(made.apply(document(2, [claim('a', '10.0.0.2'), claim('b')]), first, never));
    publisher.publish = publish;
    expect(await valuesOf()).toEqual(expectedOf(claim('a', '10.0.0.2'), claim('b')));
    expect(await made.drift(first)).toBeUndefined();
    // heard this time, but NATS went away before the document was whole
    publisher.publish = async (...args) => {
      if (Buffer.from(args[1]).includes('10.0.0.9'))
        throw new CodedError('nats-unavailable', 'the connection was lost');
      return publish(...args);
    };
    await faultOf(made.apply(document(2, [claim('a', '10.0.0.4'), claim('b', '10.0.0.9')]), first, never));
    publisher.publish = publish;
    expect(await made.drift(first)).toBeUndefined();
    await made.apply(document(3, [claim('a', '10.0.0.3')]), first, never);
    expect(await valuesOf()).toEqual(expectedOf(claim('a', '10.0.0.3')));
    await (await view()).put(keyOf(claim('a')), '{}');
    expect(await made.drift(first)).toMatchObject({ isGone: false });
    await deaf.close();
  });

  it('by an outage while the service starts is looked at when NATS is back', async () => {
    const { content } = await applied([claim('a')]);
    const again = target();
    await server.kill();
    await until('the outage to be noticed', () => !bus.isUp);
    const recovered = again.recover(content, never);
    await server.start();
    expect(await recovered).toEqual(content);
    await until('NATS to be there for the service', () => bus.isUp);
    await other.flush();
  }, 60_000);

  it('by a stop leaves the rest to the next time', async () => {
    const { kv, content } = await applied([claim('a')]);
    const fault = await faultOf(kv.apply(document(2, [claim('b')]), content, AbortSignal.abort()));
    expect(fault.mayPass).toBe(true);
    expect(await valuesOf()).toEqual(expectedOf(claim('a')));
  });
});
