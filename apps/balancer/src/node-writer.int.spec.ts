import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Bus, ensureStream, getLast, STREAM_DEFINITIONS } from '@signalbox/bus';
import {
  type FrontendTarget,
  type ListenerModel,
  NODE_KEYS,
  type NodeListener,
  decodeNodeAnnouncements,
  type NodeAnnouncements,
  type NodeManifest,
  NODES_STREAM,
  nodeSubject,
  type NodeSettings,
  nodesOf,
  type Resource,
  sha256Hex,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import { Clock, Metrics } from '@signalbox/runtime';
import { createDataSource } from '@signalbox/store';
import { NatsProcess, until } from '@signalbox/testing';
import type { FrontendMemory } from './domain/frontend-view.js';
import { NOON, SECOND } from './domain/given.fixture.js';
import { aModel, aNode, aTarget, disabled } from './domain/node.fixture.js';
import { anAnnouncement, aPeer, aPool } from './domain/announcements/announcement.fixture.js';
import { NodeBucket } from './node-bucket.js';
import { NodeCommands } from './node-commands.js';
import { NodeDrains } from './node-drains.js';
import { NodeStates } from './node-states.js';
import { NodeVips } from './node-vips.js';
import { NodeWriter } from './node-writer.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Of two users of the server: one may write everything, the other no manifest. */
const USERS = `authorization { users = [
  { user: all, password: all }
  { user: listeners, password: listeners, permissions: { publish: { allow: [">"], deny: ["$KV.NODES.*.manifest"] } } }
] }`;

class SetClock extends Clock {
  constructor(private ms: number) {
    super();
  }

  now(): number {
    return this.ms;
  }

  advance(ms: number): void {
    this.ms += ms;
  }
}

const NO_WARM_UP = { startupMinDelay: '0s', startupMaxDelay: '0s' };
const EDGE = aNode('edge-1', { driver: 'haproxy', ...NO_WARM_UP });

let directory: string;
let nats: NatsProcess;
let bus: Bus;
/** Buses and writers of a test. */
let opened: (() => Promise<void>)[];

/** A balancer with what it writes for nodes. */
interface Balancer {
  readonly bus: Bus;
  readonly states: NodeStates;
  readonly drains: NodeDrains;
  readonly vips: NodeVips;
  readonly writer: NodeWriter;
  readonly clock: SetClock;
  /** Changes a listener. */
  tell(model: ListenerModel, ...targets: FrontendTarget[]): void;
  stop(): Promise<void>;
}

async function connected(user: string): Promise<Bus> {
  const login = { kind: 'user', user, password: user, from: 'test' } as const;
  const made = await Bus.connect({ url: nats.url, login, name: 'test', log: silent });
  opened.push(() => made.close());
  return made;
}

function memoryOf(targets: readonly FrontendTarget[]): FrontendMemory {
  return {
    state: 'up',
    activePool: 'primary',
    targets: new Map(targets.map((target) => [target.backend, target])),
  };
}

async function aBalancer(
  nodes: readonly NodeSettings[],
  given: readonly [ListenerModel, ...FrontendTarget[]][],
  user = 'all',
): Promise<Balancer> {
  const own = await connected(user);
  const states = new NodeStates();
  const clock = new SetClock(NOON);
  const drains = new NodeDrains(own, createDataSource('postgres://127.0.0.1:1/unused'));
  const vips = new NodeVips(states, drains, clock);
  const writer = new NodeWriter(own, new NodeBucket(own), states, vips, clock, new Metrics());
  const take = (model: ListenerModel, targets: FrontendTarget[]): void => {
    states.takeModel(model.name, model);
    states.takeTargets(model.name, memoryOf(targets));
  };
  states.takeNodes(nodes);
  for (const [model, ...targets] of given) take(model, targets);
  await writer.start();
  const stop = (): Promise<void> => writer.stop();
  opened.push(stop);
  return {
    bus: own,
    ...{ states, drains, vips, writer },
    clock,
    tell(model, ...targets) {
      take(model, targets);
      writer.mark([model.name]);
    },
    stop,
  };
}

/** A balancer that has written everything, and is gone. */
async function written(...args: Parameters<typeof aBalancer>): Promise<void> {
  const balancer = await aBalancer(...args);
  await balancer.writer.idle();
  await balancer.stop();
}

async function valueOf<T>(key: string): Promise<T | undefined> {
  const last = await getLast(bus, NODES_STREAM, nodeSubject(key));
  return last && (JSON.parse(Buffer.from(last.data).toString()) as T);
}

/** What an agent reads: the manifest and every listener that it names, with the right digest. */
async function completeState(
  node = 'edge-1',
): Promise<{ manifest: NodeManifest; listeners: Record<string, NodeListener> }> {
  const manifest = await valueOf<NodeManifest>(NODE_KEYS.manifest(node));
  if (!manifest) throw new Error(`${node} has no manifest`);
  const listeners: Record<string, NodeListener> = {};
  for (const { name, key, digest } of manifest.listeners) {
    const last = await getLast(bus, NODES_STREAM, nodeSubject(key));
    expect(last && sha256Hex(last.data)).toBe(digest);
    listeners[name] = JSON.parse(Buffer.from(last!.data).toString()) as NodeListener;
  }
  return { manifest, listeners };
}

const generationOf = async (node?: string): Promise<number> =>
  (await completeState(node)).manifest.generation;

/** How often the bucket was written, in all. */
async function writes(): Promise<number> {
  return (await bus.manager.streams.info(NODES_STREAM)).state.last_seq;
}

async function keys(): Promise<string[]> {
  const { state } = await bus.manager.streams.info(NODES_STREAM, { subjects_filter: '>' });
  return Object.keys(state.subjects ?? {})
    .map((subject) => subject.slice(nodeSubject('').length))
    .sort();
}

const web = aModel('web');
const shop = aModel('shop', { port: 81 });
const [one, two] = [aTarget('10.0.0.1'), aTarget('10.0.0.2')];

describe('desired node states in the bucket', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-nodes-'));
    nats = await NatsProcess.start(directory, [USERS]);
  });

  beforeEach(async () => {
    opened = [];
    bus = await connected('all');
    await bus.manager.streams.delete(NODES_STREAM).catch(() => undefined);
    await bus.manager.streams.delete(STREAMS.journal).catch(() => undefined);
    for (const definition of [STREAM_DEFINITIONS.nodes, STREAM_DEFINITIONS.journal])
      await ensureStream(bus.manager, definition, bus.log);
  });

  afterEach(async () => {
    for (const close of opened.reverse()) await close();
  });

  afterAll(async () => {
    await nats.kill();
    await rm(directory, { recursive: true, force: true });
  });

  it('is a key for each listener, and the manifest', async () => {
    await written(
      [EDGE],
      [
        [web, two, one],
        [shop, one],
      ],
    );
    const { manifest, listeners } = await completeState();
    expect(manifest).toMatchObject({
      node: 'edge-1',
      generation: 1,
      driver: 'haproxy',
      syncIntervalMs: 30_000,
    });
    expect(manifest.epoch).toMatch(/^[0-9a-f]{16}$/);
    expect(manifest.listeners.map(({ name }) => name)).toEqual(['shop', 'web']);
    expect(listeners['web']!.targets.map(({ address }) => address)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(await writes()).toBe(3);
  });

  it('F17 a restart writes nothing', async () => {
    const given: Parameters<typeof aBalancer>[1] = [
      [web, one, disabled('10.0.0.3')],
      [shop, one],
    ];
    await written([EDGE, aNode('edge-2')], given);
    const before = await writes();
    await written([EDGE, aNode('edge-2')], given);
    expect(await writes()).toBe(before);
  });

  it('R4 R7 writes a listener whose target has another address, and then nothing for being asked again', async () => {
    const balancer = await aBalancer(
      [EDGE],
      [
        [web, one, disabled('10.0.0.9')],
        [shop, one],
      ],
    );
    await balancer.writer.idle();
    balancer.tell(web, two, disabled('10.0.0.9'));
    await balancer.writer.idle();
    const { manifest, listeners } = await completeState();
    expect(manifest.generation).toBe(2);
    expect(listeners['web']!.targets).toEqual([
      { address: '10.0.0.2', port: 80, weight: 100, flushes: 0 },
      { address: '10.0.0.9', port: 80, weight: 0, flushes: 1, flush: true },
    ]);
    const before = await writes();
    balancer.writer.mark(['web', 'shop']);
    await balancer.writer.idle();
    expect(await writes()).toBe(before);
  });

  it('R6 counts a flush once for a standby that is disabled, also across a restart', async () => {
    const standby = aTarget('10.0.0.9', { effective: 0, why: { rule: 'standby', text: 'because' } });
    await written([EDGE], [[web, one, standby]]);
    for (let restarts = 0; restarts < 2; restarts += 1) {
      await written([EDGE], [[web, one, disabled('10.0.0.9')]]);
      const { manifest, listeners } = await completeState();
      expect(manifest.generation).toBe(2);
      expect(listeners['web']!.targets[1]).toMatchObject({ weight: 0, flushes: 1 });
    }
  });

  it('R16 R5 makes one new generation of a setting that flips, and of all targets of another family', async () => {
    const balancer = await aBalancer([EDGE], [[web, one, two]]);
    await balancer.writer.idle();
    balancer.tell(aModel('web', { affinity: { type: 'source-ip', timeoutMs: 40_000 } }), one, two);
    await balancer.writer.idle();
    expect((await completeState()).listeners['web']!.affinity).toEqual({
      type: 'source-ip',
      timeoutMs: 40_000,
    });
    expect(await generationOf()).toBe(2);
    balancer.tell(web, aTarget('2001:db8::2'), aTarget('2001:db8::1'));
    await balancer.writer.idle();
    const { manifest, listeners } = await completeState();
    expect(manifest.generation).toBe(3);
    expect(listeners['web']!.targets.map(({ address }) => address)).toEqual(['2001:db8::1', '2001:db8::2']);
  });

  it('uses two places in turn, so that the state before stays readable', async () => {
    const balancer = await aBalancer([EDGE], [[web, one]]);
    const placesOf = async (): Promise<string[]> =>
      (await completeState()).manifest.listeners.map(({ key }) => key);
    for (const [weight, place] of [
      [1, 'b'],
      [2, 'a'],
      [3, 'b'],
    ] as const) {
      await balancer.writer.idle();
      const before = await completeState();
      balancer.tell(web, aTarget('10.0.0.1', { effective: weight }));
      await balancer.writer.idle();
      expect(await placesOf()).toEqual([`edge-1.listener.web.${place}`]);
      const [old] = before.manifest.listeners;
      expect(await valueOf(old!.key)).toEqual(before.listeners['web']);
    }
  });

  it('a balancer that ends between the listeners and the manifest leaves the complete state before', async () => {
    await written(
      [EDGE],
      [
        [web, one],
        [shop, one],
      ],
    );
    const before = await completeState();
    const killed = await aBalancer(
      [EDGE],
      [
        [web, two],
        [shop, two],
      ],
      'listeners',
    );
    await until('the listeners', async () => (await keys()).length === 5);
    await killed.stop();
    expect(await completeState()).toEqual(before);

    await written(
      [EDGE],
      [
        [web, two],
        [shop, two],
      ],
    );
    const { manifest, listeners } = await completeState();
    expect(manifest).toMatchObject({ generation: 2, epoch: before.manifest.epoch });
    expect(listeners['web']!.targets.map(({ address }) => address)).toEqual(['10.0.0.2']);
  });

  it('goes on when NATS was away, with what was decided meanwhile', async () => {
    const balancer = await aBalancer([EDGE], [[web, one]]);
    await balancer.writer.idle();
    await nats.kill();
    await until('the loss', () => !balancer.bus.isUp);
    balancer.tell(web, two);
    balancer.tell(shop, one);
    balancer.tell(web, one, two);
    await nats.start();
    await balancer.writer.idle();
    await until('NATS again', () => bus.isUp);
    const { manifest, listeners } = await completeState();
    expect(manifest.generation).toBe(2);
    expect(Object.keys(listeners)).toEqual(['shop', 'web']);
    expect(listeners['web']!.targets).toHaveLength(2);
  });

  it('writes a state again that somebody else wrote over', async () => {
    const balancer = await aBalancer([EDGE], [[web, one]]);
    await balancer.writer.idle();
    await bus.publisher.publishJson(nodeSubject(NODE_KEYS.manifest('edge-1')), { not: 'a manifest' });
    balancer.tell(web, two);
    await balancer.writer.idle();
    expect((await completeState()).listeners['web']!.targets).toMatchObject([{ address: '10.0.0.2' }]);
  });

  it('R9 two balancers write the same bytes whatever order they learn things in', async () => {
    const given: Parameters<typeof aBalancer>[1] = [
      [web, one, two],
      [shop, two, one],
    ];
    await written([EDGE], given);
    const first = await completeState();
    const before = await writes();
    await written(
      [EDGE],
      [...given].reverse().map(([model, ...targets]) => [model, ...targets.reverse()]),
    );
    expect(await writes()).toBe(before);
    expect(await completeState()).toEqual(first);
  });

  it('makes few generations of many changes', async () => {
    const balancer = await aBalancer([EDGE], [[web, one]]);
    await balancer.writer.idle();
    for (let change = 1; change <= 99; change += 1)
      balancer.tell(web, aTarget('10.0.0.1', { effective: change }));
    await balancer.writer.idle();
    expect(await generationOf()).toBe(2);
    expect((await completeState()).listeners['web']!.targets[0]!.weight).toBe(99);
  });

  it('follows nodes that come, change and leave, and leaves nothing of their listeners', async () => {
    const balancer = await aBalancer(
      [EDGE],
      [
        [web, one],
        [shop, one],
      ],
    );
    await balancer.writer.idle();
    const only = aNode('edge-2', { driver: 'sim', listeners: ['shop'], ...NO_WARM_UP });
    balancer.states.takeNodes([EDGE, only]);
    balancer.writer.nodesChanged();
    await balancer.writer.idle();
    expect(Object.keys((await completeState('edge-2')).listeners)).toEqual(['shop']);
    expect(await generationOf('edge-1')).toBe(1);

    balancer.states.takeNodes([EDGE, { ...only, listeners: new Set(['web']), syncIntervalMs: 1000 }]);
    balancer.writer.nodesChanged();
    await balancer.writer.idle();
    const changed = await completeState('edge-2');
    expect(Object.keys(changed.listeners)).toEqual(['web']);
    expect(changed.manifest).toMatchObject({ generation: 2, syncIntervalMs: 1000 });
    expect((await keys()).filter((key) => key.startsWith('edge-2'))).toEqual([
      'edge-2.listener.web.a',
      'edge-2.manifest',
    ]);

    balancer.states.takeNodes([EDGE]);
    balancer.writer.nodesChanged();
    await balancer.writer.idle();
    expect((await completeState('edge-2')).manifest).toMatchObject({ generation: 3, listeners: [] });
    expect((await keys()).filter((key) => key.startsWith('edge-2'))).toEqual(['edge-2.manifest']);
  });

  it('tells a node that left while no balancer ran', async () => {
    await written([EDGE, aNode('edge-2', { driver: 'sim', ...NO_WARM_UP })], [[web, one]]);
    await written([EDGE], [[web, one]]);
    expect((await completeState('edge-2')).manifest).toMatchObject({ generation: 2, listeners: [] });
    expect(await generationOf('edge-1')).toBe(1);
  });

  it('has the implicit node until the first is declared, and again after the last', async () => {
    const [local] = nodesOf([], undefined);
    const implicit: NodeSettings = { ...local!, startupMinDelayMs: 0, startupMaxDelayMs: 0 };
    const balancer = await aBalancer([implicit], [[web, one]]);
    await balancer.writer.idle();
    expect((await completeState('local')).listeners['web']!.listenAt).toEqual({ address: '127.0.0.1' });
    balancer.states.takeNodes([EDGE]);
    balancer.writer.nodesChanged();
    await balancer.writer.idle();
    expect((await completeState('local')).manifest).toMatchObject({ generation: 2, listeners: [] });
    expect((await completeState('edge-1')).listeners['web']).not.toHaveProperty('listenAt');
    balancer.states.takeNodes([implicit]);
    balancer.writer.nodesChanged();
    await balancer.writer.idle();
    expect(Object.keys((await completeState('local')).listeners)).toEqual(['web']);
    expect(await generationOf('local')).toBe(3);
  });

  describe('in the warm-up', () => {
    const unknown = aTarget('10.0.0.3', { effective: 0, why: { rule: 'unknown', text: '' } });
    const warm = aNode('edge-1');

    /** Looks at everything again, as the timer of the hold would. */
    async function later(balancer: Balancer, seconds: number): Promise<void> {
      balancer.clock.advance(seconds * SECOND);
      balancer.writer.mark(['web', 'shop']);
      await balancer.writer.idle();
    }

    it('tells a node nothing until it can be told everything, or the time is over', async () => {
      const balancer = await aBalancer(
        [warm],
        [
          [web, one],
          [shop, unknown],
        ],
      );
      await balancer.writer.idle();
      await later(balancer, 4.9);
      expect(balancer.writer.lane('edge-1')!.waitsFor('web')).toMatch('2026-05-30T12:00:05');
      await later(balancer, 1);
      expect(await keys()).toEqual([]);
      expect(balancer.writer.lane('edge-1')!.waitsFor('web')).toMatch('2026-05-30T12:00:30');
      await later(balancer, 25);
      expect(Object.keys((await completeState()).listeners)).toEqual(['shop', 'web']);
      expect(balancer.writer.lane('edge-1')!.waitsFor('web')).toBeUndefined();
    });

    it('tells it as soon as every backend is known', async () => {
      const balancer = await aBalancer([warm], [[web, unknown]]);
      await later(balancer, 6);
      expect(await keys()).toEqual([]);
      balancer.tell(web, aTarget('10.0.0.3'));
      await balancer.writer.idle();
      expect((await completeState()).listeners['web']!.targets[0]!.weight).toBe(100);
    });

    it('R8 goes on at once with what stands, and holds only what is new there', async () => {
      await written([EDGE], [[web, one]]);
      const balancer = await aBalancer(
        [{ ...warm, driver: 'haproxy' }],
        [
          [web, two],
          [shop, one],
        ],
      );
      await balancer.writer.idle();
      expect((await completeState()).listeners['web']!.targets).toMatchObject([{ address: '10.0.0.2' }]);
      expect(Object.keys((await completeState()).listeners)).toEqual(['web']);
      await later(balancer, 5);
      expect(Object.keys((await completeState()).listeners)).toEqual(['shop', 'web']);
    });
  });

  describe('with what nodes announce', () => {
    const config = (...resources: readonly Resource[]) => ({
      all: (kind: string) => resources.filter((one) => one.kind === kind),
      get: () => undefined,
    });
    const EDGE_VIPS = config(aPool('edge', ['192.0.2.0/24']), anAnnouncement('edge'), aPeer('r1'));

    /** What an agent reads, as its schema wants it. */
    async function announcements(node = 'edge-1'): Promise<NodeAnnouncements | undefined> {
      const { manifest } = await completeState(node);
      const { key, digest } = manifest.announcements ?? { key: '', digest: '' };
      if (key === '') return undefined;
      const last = await getLast(bus, NODES_STREAM, nodeSubject(key));
      expect(sha256Hex(last!.data)).toBe(digest);
      return decodeNodeAnnouncements(last!.data);
    }

    async function announcing(...nodes: readonly NodeSettings[]): Promise<Balancer> {
      const balancer = await aBalancer(nodes, [[web, one]]);
      balancer.vips.take(EDGE_VIPS);
      balancer.writer.vipsChanged();
      await balancer.writer.idle();
      return balancer;
    }

    it('is a key beside the listeners, which a change of targets leaves alone', async () => {
      const balancer = await announcing(EDGE);
      expect(await announcements()).toMatchObject({
        prefixes: ['192.0.2.0/24'],
        peers: [{ name: 'r1', holdSeconds: 90 }],
        vips: [{ address: '192.0.2.1', announcement: 'edge', listeners: ['web'], route: { peers: ['r1'] } }],
      });
      const before = await writes();
      balancer.tell(web, disabled('10.0.0.1'));
      await balancer.writer.idle();
      expect((await writes()) - before).toBe(2);
      expect(await announcements()).toBeDefined();
    });

    it('follows the config, and leaves nothing behind', async () => {
      const balancer = await announcing(EDGE);
      const moved = { ...web, address: '192.0.2.9' };
      expect(balancer.states.takeModel('web', moved)).toBe(true);
      expect(balancer.states.takeModel('web', { ...moved, minUp: 2 })).toBe(false);
      balancer.writer.mark(['web']);
      balancer.writer.vipsChanged();
      await balancer.writer.idle();
      expect((await announcements())!.vips).toMatchObject([{ address: '192.0.2.9' }]);
      balancer.vips.take(config());
      balancer.writer.vipsChanged();
      await balancer.writer.idle();
      expect(await announcements()).toBeUndefined();
      expect((await keys()).filter((key) => key.includes('announcements'))).toEqual([]);
    });

    it('is the same for another balancer, and written again where it was lost', async () => {
      const first = await announcing(EDGE);
      await first.stop();
      const generation = await generationOf();
      const key = (await completeState()).manifest.announcements!.key;
      const second = await announcing(EDGE);
      expect(await generationOf()).toBe(generation);
      await second.stop();
      await bus.manager.streams.purge(NODES_STREAM, { filter: nodeSubject(key) });
      await announcing(EDGE);
      expect(await announcements()).toMatchObject({ vips: [{ address: '192.0.2.1' }] });
    });

    it('says that a node is drained, that one alone, also without any Announcement', async () => {
      const other = aNode('edge-2', { driver: 'sim', ...NO_WARM_UP });
      const balancer = await announcing(EDGE, other);
      const commands = new NodeCommands(balancer.states, balancer.drains, balancer.writer, balancer.clock);
      const [before, untouched] = [await announcements(), await generationOf('edge-2')];
      const drain = { node: 'edge-1', drained: true, author: 'ann' };
      const { seq } = await commands.drain({ ...drain, reason: 'a new kernel' });
      await balancer.writer.idle();
      expect(await announcements()).toEqual({ ...before, drained: true });
      expect(await generationOf('edge-2')).toBe(untouched);
      const last = await getLast(bus, STREAMS.journal, SUBJECTS.nodeJournal('edge-1'));
      expect(JSON.parse(Buffer.from(last!.data).toString())).toMatchObject({
        ...drain,
        reason: 'a new kernel',
      });
      expect(seq).toBe(last!.seq);

      expect(await commands.drain(drain)).toEqual({ seq });
      balancer.vips.take(config());
      balancer.writer.vipsChanged();
      await balancer.writer.idle();
      expect(await announcements()).toEqual({ drained: true, prefixes: [], peers: [], vips: [] });

      expect((await commands.drain({ ...drain, drained: false })).seq).toBeGreaterThan(seq!);
      await balancer.writer.idle();
      expect(await announcements()).toBeUndefined();
      await expect(commands.drain({ ...drain, node: 'edge-9' })).rejects.toMatchObject({ code: 'not-found' });
      expect(await commands.drain({ ...drain, node: 'edge-2', drained: false })).toEqual({});
      await balancer.stop();
      await expect(commands.drain(drain)).rejects.toMatchObject({ code: 'not-ready' });
    });

    it('goes with a node that left', async () => {
      const balancer = await announcing(EDGE);
      balancer.states.takeNodes([]);
      balancer.writer.nodesChanged();
      await balancer.writer.idle();
      expect(await announcements()).toBeUndefined();
    });
  });
});
