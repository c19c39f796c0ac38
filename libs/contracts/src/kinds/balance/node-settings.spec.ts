import { describe, expect, it } from '@jest/globals';
import { sample } from '../sample-resources.fixture.js';
import { isInGroups, nodesOf, vipKey } from './node-settings.js';

const aNode = (name: string, spec: object = { driver: 'sim' }) => ({
  ...sample('Node', { metadata: { name } }),
  spec: { ...spec },
});

const DEFAULTS = {
  listenMap: new Map(),
  syncIntervalMs: 30_000,
  startupMinDelayMs: 5_000,
  startupMaxDelayMs: 30_000,
  flowTimeoutMs: 40_000,
};

const VPP = {
  ipv4SrcAddress: '172.20.30.2',
  ipv6SrcAddress: '2001:db8::2',
  stickyBucketsPerCore: 1024,
  flowTimeoutSeconds: 40,
};

describe('the nodes of a site', () => {
  it('are one with the driver sim when none is declared', () => {
    expect(nodesOf([], undefined)).toEqual([{ name: 'local', driver: 'sim', ...DEFAULTS }]);
  });

  it('are those that are declared, by name', () => {
    const nodes = nodesOf([aNode('edge-2'), aNode('edge-10', { driver: 'haproxy' })], undefined);
    expect(nodes).toEqual([
      { name: 'edge-10', driver: 'haproxy', ...DEFAULTS },
      { name: 'edge-2', driver: 'sim', ...DEFAULTS },
    ]);
  });

  it('have their own settings', () => {
    const [node] = nodesOf([aNode('edge-1', sample('Node').spec)], undefined);
    const entry = { vip: '192.0.2.1', port: 80, listen: '127.0.0.1', listenPort: 8080 };
    expect(node).toEqual({
      ...DEFAULTS,
      name: 'edge-1',
      driver: 'haproxy',
      groups: new Set(['edge']),
      zone: 'rack-1',
      routerId: '203.0.113.2',
      listeners: new Set(['sample', 'lab/web']),
      listenMap: new Map([[vipKey('192.0.2.1', 80), entry]]),
      startupMinDelayMs: 0,
    });
  });

  it('know a listener of the default project by both of its names', () => {
    const listeners = ['default/web', 'web', 'default/a/b', 'lab/web'];
    const [node] = nodesOf([aNode('edge-1', { driver: 'sim', listeners })], undefined);
    expect([...node!.listeners!]).toEqual(['web', 'default/a/b', 'lab/web']);
  });

  it('have one of a VppDataPlane, beside the implicit one', () => {
    const plane = sample('VppDataPlane', { spec: { syncInterval: '10s', flowTimeout: null } });
    expect(nodesOf([], plane)).toEqual([
      { name: 'local', driver: 'sim', ...DEFAULTS },
      { name: 'vpp', driver: 'vpp', ...DEFAULTS, vpp: VPP, syncIntervalMs: 10_000, startupMinDelayMs: 0 },
    ]);
  });

  it('have the Node vpp as it is declared', () => {
    const declared = aNode('vpp', { driver: 'vpp', flowTimeout: '1m' });
    expect(nodesOf([declared], sample('VppDataPlane'))).toEqual([
      {
        ...{ name: 'vpp', driver: 'vpp', ...DEFAULTS, flowTimeoutMs: 60_000 },
        vpp: { ...VPP, flowTimeoutSeconds: 60 },
      },
    ]);
  });

  it('are told of VPP when they have it', () => {
    const nodes = [aNode('a'), aNode('b', { driver: 'vpp', flowTimeout: '1500ms' })];
    expect(nodesOf(nodes, sample('VppDataPlane')).map(({ vpp }) => vpp?.flowTimeoutSeconds)).toEqual([
      undefined,
      2,
      40,
    ]);
    expect(nodesOf(nodes, undefined).map(({ vpp }) => vpp)).toEqual([undefined, undefined]);
  });

  it('are meant by their groups, or all', () => {
    const [none, north] = nodesOf(
      [aNode('a'), aNode('b', { driver: 'sim', groups: ['north', 'x'] })],
      undefined,
    );
    expect([none!, north!].map((node) => isInGroups(node))).toEqual([true, true]);
    expect([none!, north!].map((node) => isInGroups(node, ['south', 'north']))).toEqual([false, true]);
    expect([none!, north!].map((node) => isInGroups(node, ['south']))).toEqual([false, false]);
  });
});
