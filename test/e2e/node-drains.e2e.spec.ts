import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type Alarm,
  BALANCE_API,
  decodeNodeAnnouncements,
  type NodeAnnouncements,
  NODE_KEYS,
  type NodeManifest,
  NODES_STREAM,
  nodeSubject,
} from '@signalbox/contracts';
import { type RawNats, Site, until } from '@signalbox/testing';
import type { NodeDetail, NodeItem } from '../../apps/cli/src/rest/answers.js';
import { applyWorld, backend, frontend } from './balance-site.js';
import { resource } from './manifests.js';

jest.setTimeout(300_000);

const WORLD = [
  backend('n1', '10.0.0.1'),
  frontend('web', { primary: { n1: 100 } }, { protocol: 'tcp', port: 80 }),
];

/** A node whose agent nobody started, and how its VIPs are to be announced. */
const EDGE = [
  resource(BALANCE_API, 'Node', 'edge-1', {
    driver: 'sim',
    groups: ['edge'],
    startupMinDelay: '0s',
    startupMaxDelay: '0s',
  }),
  resource(BALANCE_API, 'VipPool', 'edge', { addresses: ['192.0.2.0/28'] }),
  resource(BALANCE_API, 'BgpPeer', 'r1', { address: '203.0.113.1', asn: 65000, localAsn: 65010 }),
  resource(BALANCE_API, 'Announcement', 'edge', { method: 'bird', vipPools: ['edge'], nodeGroups: ['edge'] }),
];

describe('drains of nodes', () => {
  let site: Site;
  let nats: RawNats;

  beforeAll(async () => {
    site = await Site.start();
    nats = await site.rawNats();
    await applyWorld(site, ...WORLD);
    await until('the node to serve', async () => (await shown('local')).appliedGeneration);
  }, 300_000);

  afterAll(async () => {
    nats?.close();
    await site?.stop();
  }, 300_000);

  const shown = (name: string): Promise<NodeDetail> => site.json<NodeDetail>('show', 'nodes', name);

  async function valueOf(key: string): Promise<Buffer> {
    const question = JSON.stringify({ last_by_subj: nodeSubject(key) });
    const answer = await nats.request(`$JS.API.STREAM.MSG.GET.${NODES_STREAM}`, question);
    const { message } = JSON.parse(answer) as { message?: { data: string } };
    return Buffer.from(message?.data ?? '', 'base64');
  }

  /** What the agent of a node reads, by the schema that it reads it with. */
  async function announcements(node: string): Promise<NodeAnnouncements | undefined> {
    const manifest = (await valueOf(NODE_KEYS.manifest(node))).toString();
    const { announcements: entry } = JSON.parse(manifest || '{}') as Partial<NodeManifest>;
    return entry && decodeNodeAnnouncements(await valueOf(entry.key));
  }

  it('a node says that it is drained, goes on to serve, and is so after a kill -9 of everything until it is undrained', async () => {
    const before = await shown('local');
    const drained = await site.cli('node', 'drain', 'local', '--reason', 'a new kernel', '--wait');
    expect(drained).toMatchObject({ code: 0, stdout: 'local is drained\n' });
    const drain = { author: 'first-start', reason: 'a new kernel', since: expect.any(String) };
    const listeners = before.listeners.map(({ listener, state }) => ({ listener, state }));
    expect(await shown('local')).toMatchObject({ drained: true, drain, state: 'ready', listeners });

    await site.kill();
    await site.up();
    const again = await site.cli('node', 'drain', 'local', '--wait');
    expect(again).toMatchObject({ code: 0, stdout: 'local is drained\n' });
    expect(await shown('local')).toMatchObject({ drained: true, drain });

    const undrained = await site.cli('node', 'undrain', 'local', '--wait');
    expect(undrained).toMatchObject({ code: 0, stdout: 'local is not drained\n' });
    expect(await shown('local')).not.toHaveProperty('drain');
    expect((await site.cli('node', 'drain', 'none')).code).toBe(4);
  });

  it('a declared Announcement comes to the node, and so does its drain; nobody announces: an alarm', async () => {
    await applyWorld(site, ...WORLD, ...EDGE);
    const found = await until('the VIP to be announced', async () => {
      const told = await announcements('edge-1');
      return told && told.vips.length > 0 ? told : undefined;
    });
    expect(found).toMatchObject({
      prefixes: ['192.0.2.0/28'],
      peers: [{ name: 'r1', asn: 65000 }],
      vips: [{ address: '192.0.2.1', announcement: 'edge', listeners: ['web'], route: { peers: ['r1'] } }],
    });

    const { code, stdout } = await site.cli('node', 'drain', 'edge-1');
    expect([code, stdout]).toEqual([0, 'edge-1 is drained (pending)\n']);
    await until('the drain to be told', async () => (await announcements('edge-1'))?.drained);
    expect((await announcements('edge-1'))!.vips).toEqual(found.vips);
    const nodes = await site.json<readonly NodeItem[]>('show', 'nodes');
    expect(nodes.find(({ name }) => name === 'edge-1')).toMatchObject({ state: 'missing', drain: {} });

    const alarm = await until('the alarm', async () => {
      const alarms = await site.json<readonly Alarm[]>('show', 'alarms');
      return alarms.find(({ kind }) => kind === 'vip-not-announced');
    });
    expect(alarm).toMatchObject({ name: '192.0.2.1', text: expect.stringContaining('Announcement/edge') });
  });
});
