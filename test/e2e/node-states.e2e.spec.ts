import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  BALANCE_API,
  type ListenerPlacement,
  NODE_KEYS,
  type NodeListener,
  type NodeManifest,
  NODES_STREAM,
  nodeSubject,
  type PlacementAnswer,
  type Resource,
  SUBJECTS,
} from '@signalbox/contracts';
import { type RawNats, Site, until } from '@signalbox/testing';
import { applyWorld, backend, command, frontend } from './balance-site.js';
import { resource } from './manifests.js';

jest.setTimeout(300_000);

const WEB = { protocol: 'tcp', port: 80 };
const NO_WARM_UP = { startupMinDelay: '0s', startupMaxDelay: '0s' };

/** A world of two static backends, which are up at once. */
function world(
  change: { address?: string; web?: object } = {},
  ...more: readonly Resource[]
): readonly Resource[] {
  return [
    backend('n1', change.address ?? '10.0.0.1'),
    backend('n2', '10.0.0.2', { port: 8080 }),
    frontend('web', { primary: { n1: 100, n2: 50 } }, { ...WEB, ...change.web }),
    ...more,
  ];
}

describe('what nodes shall do', () => {
  let site: Site;
  let nats: RawNats;

  beforeAll(async () => {
    site = await Site.start();
    nats = await site.rawNats();
    await applyWorld(site, ...world());
    await until('the listener on the node', async () => (await told('local')).web);
  }, 300_000);

  afterAll(async () => {
    nats?.close();
    await site?.stop();
  }, 300_000);

  async function valueOf<T>(key: string): Promise<T> {
    const question = JSON.stringify({ last_by_subj: nodeSubject(key) });
    const answer = await nats.request(`$JS.API.STREAM.MSG.GET.${NODES_STREAM}`, question);
    const { message } = JSON.parse(answer) as { message?: { data: string } };
    if (!message) throw new Error(`there is no ${key}: ${answer}`);
    return JSON.parse(Buffer.from(message.data, 'base64').toString()) as T;
  }

  /** What an agent reads: the generation, and the listener `web`. */
  async function told(node: string): Promise<{ generation: number; web?: NodeListener }> {
    const { generation, listeners } = await valueOf<NodeManifest>(NODE_KEYS.manifest(node));
    const web = listeners.find(({ name }) => name === 'web');
    return { generation, ...(web && { web: await valueOf<NodeListener>(web.key) }) };
  }

  async function writes(): Promise<number> {
    const { state } = JSON.parse(await nats.request(`$JS.API.STREAM.INFO.${NODES_STREAM}`, '')) as {
      state: { last_seq: number };
    };
    return state.last_seq;
  }

  async function placements(listener?: string): Promise<readonly ListenerPlacement[]> {
    const question = JSON.stringify(listener === undefined ? {} : { listener });
    const answer = await nats.request(SUBJECTS.ask('balancer', 'placement'), question);
    return (JSON.parse(answer) as PlacementAnswer).listeners;
  }

  /** Nothing of this listener is to be written any more. */
  async function settled(): Promise<ListenerPlacement> {
    return until('the placement', async () => {
      const [placement] = await placements('web');
      return placement?.nodes.every(({ waits }) => waits === undefined) && placement;
    });
  }

  it('is on the implicit node, at a loopback port, with the ports of the targets', async () => {
    const { web } = await told('local');
    expect(web).toMatchObject({
      name: 'web',
      address: '192.0.2.1',
      protocol: 'tcp',
      port: 80,
      listenAt: { address: '127.0.0.1' },
      algorithm: 'maglev',
      targets: [
        { address: '10.0.0.1', port: 80, weight: 100, flushes: 0 },
        { address: '10.0.0.2', port: 8080, weight: 50, flushes: 0 },
      ],
    });
    const { generation } = await told('local');
    expect(await settled()).toMatchObject({
      listener: 'web',
      nodes: [{ node: 'local', driver: 'sim', generation }],
    });
  });

  it('R16 is one new generation when srcIpSticky flips', async () => {
    await settled();
    const { generation } = await told('local');
    await applyWorld(site, ...world({ web: { srcIpSticky: true } }));
    await until('the affinity', async () => (await told('local')).web?.affinity);
    await settled();
    expect((await told('local')).generation).toBe(generation + 1);
  });

  it('R4 has the new address of a backend whose address was edited', async () => {
    await applyWorld(site, ...world({ address: '10.0.0.9' }));
    await until('the new address', async () =>
      (await told('local')).web?.targets.some(
        ({ address, weight }) => address === '10.0.0.9' && weight === 100,
      ),
    );
    expect((await told('local')).web?.targets.map(({ address }) => address)).toEqual([
      '10.0.0.2',
      '10.0.0.9',
    ]);
  });

  it('cuts once for a backend that is disabled, and keeps it with weight 0', async () => {
    await command(site, 'n1', 'disable');
    const disabled = { address: '10.0.0.9', port: 80, weight: 0, flushes: 1, flush: true };
    await until('the flush', async () =>
      (await told('local')).web?.targets.some(({ flushes }) => flushes > 0),
    );
    expect((await told('local')).web?.targets).toContainEqual(disabled);
  });

  it('F17 R8 is not written by a restart', async () => {
    await settled();
    const before = await writes();
    await site.kill();
    await site.up();
    await settled();
    expect(await writes()).toBe(before);
  });

  it('is on declared nodes in place of the implicit one, and on that again when they left', async () => {
    const edge = resource(BALANCE_API, 'Node', 'edge-1', { driver: 'haproxy', ...NO_WARM_UP });
    const other = resource(BALANCE_API, 'Node', 'edge-2', {
      driver: 'sim',
      listeners: ['shop'],
      ...NO_WARM_UP,
    });
    await applyWorld(site, ...world({}, edge, other));
    await until('the listener on the node', async () => (await told('edge-1')).web);
    await until('the implicit node to be empty', async () => !(await told('local')).web);
    expect(await told('edge-2')).toEqual({ generation: 1 });
    expect((await settled()).nodes.map(({ node }) => node)).toEqual(['edge-1']);
    await applyWorld(site, ...world());
    await until('the implicit node to have it', async () => (await told('local')).web);
    await until('the node that left to be empty', async () => !(await told('edge-1')).web);
  });

  it('is nothing for what no node can serve, with the reason and without an alarm', async () => {
    const everything = frontend('all-ports', { primary: { n2: 100 } }, { address: '192.0.2.2' });
    await applyWorld(site, ...world({}, everything));
    expect(
      await until('both', async () => {
        const all = await placements();
        return all.length === 2 && all;
      }),
    ).toMatchObject([
      { listener: 'all-ports', nodes: [], unplaced: expect.stringContaining('all ports of 192.0.2.2') },
      { listener: 'web', nodes: [{ node: 'local' }] },
    ]);
    const { alarms } = JSON.parse(await nats.request(SUBJECTS.ask('balancer', 'alarms'), '')) as {
      alarms: unknown[];
    };
    expect(alarms).toEqual([]);
  });
});
