import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Alarm,
  BALANCE_API,
  type Capabilities,
  type NodeListenerReport,
  type NodePlacement,
  type NodeRecord,
  type PlacementAnswer,
  SUBJECTS,
} from '@signalbox/contracts';
import { type RawNats, Site, until } from '@signalbox/testing';
import type {
  ListenerItem,
  LoadBalancerItem,
  NodeDetail,
  PoolItem,
} from '../../apps/cli/src/rest/answers.js';
import { manifest, resource } from './manifests.js';

const START_MS = 300_000;
const CAPABILITIES: Capabilities = {
  ...{ protocols: ['tcp'], algorithms: ['maglev', 'round-robin'], affinity: [], maxTargets: 1000 },
  ...{ flush: true, targetPorts: true, mixedFamilies: true, connectionLimit: true },
};
const AT_ONCE = { driver: 'sim', startupMinDelay: '0s', startupMaxDelay: '0s' };

/** What operators see of two nodes whose agents the test plays. */
describe('listeners and nodes', () => {
  let site: Site;
  let nats: RawNats;
  const versions = new Map<string, number>();

  beforeAll(async () => {
    site = await Site.start();
    nats = await site.rawNats();
    const nodes = ['edge-1', 'edge-2'].map((name) => resource(BALANCE_API, 'Node', name, AT_ONCE));
    await site.apply(manifest(...nodes));
  }, START_MS);
  afterAll(async () => {
    nats.close();
    await site.stop();
  }, START_MS);

  /** What `balancer` told a node of a listener, once it told both the newest. */
  function told(listener: string): Promise<readonly NodePlacement[]> {
    return until(`both nodes to be told of ${listener}`, async () => {
      const reply = await nats.request(SUBJECTS.ask('balancer', 'placement'), JSON.stringify({ listener }));
      const { listeners = [] } = JSON.parse(reply) as Partial<PlacementAnswer>;
      const nodes = listeners[0]?.nodes ?? [];
      return (
        nodes.length === 2 &&
        nodes.every(({ digest, waits }) => digest !== undefined && waits === undefined) &&
        nodes
      );
    });
  }

  /** A node reports. */
  async function report(node: string, ...listeners: NodeListenerReport[]): Promise<void> {
    const version = (versions.get(node) ?? 0) + 1;
    versions.set(node, version);
    const record: NodeRecord = {
      ...{ node, version, at: new Date().toISOString(), driver: 'sim', state: 'ready', epoch: 'e' },
      ...{ appliedGeneration: version, capabilities: CAPABILITIES, listeners, gone: [] },
    };
    await nats.publish(SUBJECTS.nodeActivity(node), JSON.stringify(record));
  }

  const served = (placement: NodePlacement, more: Partial<NodeListenerReport> = {}): NodeListenerReport => ({
    ...{ name: 'shop', state: 'applied', generation: 1, digest: placement.digest!, tableDigest: 't1' },
    listensAt: { address: '127.0.0.1', port: 20_001 },
    ...more,
  });

  function shown(wanted: (listener: ListenerItem) => boolean): Promise<ListenerItem> {
    return until('the listener to be so', async () => {
      const listener = await site.json<ListenerItem>('show', 'listeners', 'shop');
      return wanted(listener) && listener;
    });
  }

  it(
    'one line makes a listener with three members; it is pending until both nodes serve it',
    async () => {
      const backends = [1, 2, 3].map((n) => `b${n}=127.0.0.1:1800${n}`);
      const add = ['lb', 'add', 'shop', '192.0.2.1:80', '--algorithm', 'maglev', '--backend', ...backends];
      const added = await site.cli(...add);
      expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('6 added') });

      // what nodes are told before `health` has spoken of the backends is not the last
      await shown(({ pools }) =>
        pools.every(({ backends: all }) => all.every((one) => one.effective === 100)),
      );
      const [first, second] = await told('shop');
      expect(await shown(({ provisioningStatus }) => provisioningStatus === 'pending')).toMatchObject({
        operatingStatus: 'offline',
        nodes: [{ node: 'edge-1', state: 'missing' }, { node: 'edge-2' }],
      });
      await report('edge-1', served(first!));
      await report('edge-2', served(second!));
      const listener = await shown(({ provisioningStatus }) => provisioningStatus === 'active');
      expect(listener).toMatchObject({ operatingStatus: 'no-monitor', digestsAgree: true });
      expect(listener.pools.flatMap(({ backends: all }) => all.map(({ effective }) => effective))).toEqual([
        100, 100, 100,
      ]);
      expect(await site.json<LoadBalancerItem>('show', 'loadbalancers', 'shop')).toMatchObject({
        provisioningStatus: 'active',
        listeners: [{ name: 'shop', port: 80 }],
      });
      expect((await site.json<PoolItem>('show', 'pools', 'shop')).members).toHaveLength(3);
      expect(await site.json<NodeDetail>('show', 'nodes', 'edge-2')).toMatchObject({
        state: 'ready',
        listeners: [{ listener: 'shop', listensAt: { port: 20_001 } }],
      });
      const { stdout } = await site.cli('describe', 'listener', 'shop');
      expect(stdout).toMatch(/^tables +agree$/m);
      expect(stdout).toMatch(/^ {2}edge-1 +sim +applied +listens at 127\.0\.0\.1:20001/m);
    },
    START_MS,
  );

  it(
    'tables that differ between nodes are an alarm',
    async () => {
      const [, second] = await told('shop');
      await report('edge-2', served(second!, { tableDigest: 't2' }));
      const alarm = await until('the alarm', async () => {
        const alarms = await site.json<Alarm[]>('show', 'alarms');
        return alarms.find(({ kind }) => kind === 'table-mismatch');
      });
      expect(alarm).toMatchObject({ name: 'shop', text: expect.stringContaining('edge-1, edge-2') });
      expect(await site.metrics()).toMatch(/^signalbox_balancer_table_mismatches(\{[^}]*\})? 1$/m);
      expect((await shown(({ digestsAgree }) => digestsAgree === false)).provisioningStatus).toBe('active');
      await report('edge-2', served(second!));
      await shown(({ digestsAgree }) => digestsAgree === true);
    },
    START_MS,
  );

  it(
    'nodes whose agents do not answer are alarms',
    async () => {
      const alarms = await site.json<Alarm[]>('show', 'alarms');
      const silent = alarms.filter(({ kind }) => kind === 'node-silent').map(({ name }) => name);
      expect(silent).toEqual(['edge-1', 'edge-2']);
    },
    START_MS,
  );

  it(
    'a member is drained with who and why, and given back',
    async () => {
      const drained = await site.cli('drain', 'b2', '--reason', 'new kernel');
      expect(drained).toMatchObject({ code: 0, stdout: 'b2 in shop pool shop: weight 0 effective 0\n' });
      const listener = await site.json<ListenerItem>('show', 'listeners', 'shop');
      const target = listener.pools[0]!.backends.find(({ name }) => name === 'b2');
      expect(target).toMatchObject({ effective: 0, override: { weight: 0, reason: 'new kernel' } });
      // the nodes were told of it, and have not said yet that they did it
      await shown(({ provisioningStatus }) => provisioningStatus === 'pending');
      const back = await site.cli('undrain', 'b2');
      expect(back.stdout).toBe('b2 in shop pool shop: weight 100 effective 100\n');
    },
    START_MS,
  );

  it(
    'what a node refuses is told with the reason',
    async () => {
      const [first] = await told('shop');
      const error = { code: 'listen-failed', message: '192.0.2.1:80 is in use' } as const;
      await report('edge-1', served(first!, { state: 'refused', error }));
      expect(await shown(({ provisioningStatus }) => provisioningStatus === 'error')).toMatchObject({
        provisioningReason: 'edge-1: 192.0.2.1:80 is in use',
      });
      const { stdout } = await site.cli('show', 'nodes');
      // the test reports for agents that do not run
      expect(stdout).toMatch(/^edge-1 +sim +silent, was ready +\d+ +- +1 /m);
    },
    START_MS,
  );

  it(
    'is removed as it was made, at once',
    async () => {
      expect(await site.cli('lb', 'rm', 'shop')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('6 removed'),
      });
      await until('no listener', async () => (await site.json<unknown[]>('show', 'listeners')).length === 0);
    },
    START_MS,
  );
});
