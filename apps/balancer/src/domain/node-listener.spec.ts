import { describe, expect, it } from '@jest/globals';
import {
  canonicalJson,
  DEFAULT_TIMEOUTS,
  type FrontendTarget,
  type ListenerModel,
} from '@signalbox/contracts';
import fc from 'fast-check';
import { nodeListener, whyNotBy, whyNotServed } from './node-listener.js';
import { aModel, aNode, aTarget, disabled } from './node.fixture.js';

const LOCAL = aNode('local');
const EDGE = aNode('edge-1', { driver: 'haproxy', flowTimeout: '1m' });

describe('what a node shall do for a listener', () => {
  it('is the listener with its targets, by address and port', () => {
    const targets = [aTarget('10.0.0.10'), aTarget('10.0.0.2', { port: 8080 }), disabled('10.0.0.1')];
    expect(nodeListener(aModel('web'), targets, LOCAL, undefined)).toEqual({
      name: 'web',
      address: '192.0.2.1',
      protocol: 'tcp',
      port: 80,
      listenAt: { address: '127.0.0.1' },
      algorithm: 'round-robin',
      timeouts: DEFAULT_TIMEOUTS,
      targets: [
        { address: '10.0.0.1', port: 80, weight: 0, flushes: 1, flush: true },
        { address: '10.0.0.2', port: 8080, weight: 100, flushes: 0 },
        { address: '10.0.0.10', port: 80, weight: 100, flushes: 0 },
      ],
    });
  });

  it('is at the VIP itself where the node can have it', () => {
    const model = aModel('web', { connectionLimit: 10, algorithm: 'maglev', tableSize: 251 });
    const listener = nodeListener(model, [], EDGE, undefined);
    expect(listener).toMatchObject({ connectionLimit: 10, algorithm: 'maglev', tableSize: 251 });
    expect(listener).not.toHaveProperty('listenAt');
  });

  it('tells where certificates lie, and how targets hear of clients', () => {
    const tls = {
      certificates: [{ name: 'lab/shop', file: '/etc/shop.pem', keyFile: '/etc/shop.key' }],
      ...({ minVersion: '1.3', http2: false } as const),
    };
    const rules = [{ type: 'path', compare: 'equal-to', value: '/' }] as const;
    const policies = [{ name: 'p', action: 'reject', rules }] as const;
    const told = { insertHeaders: ['X-Forwarded-For'], policies, proxyProtocol: 'v2' } as const;
    const model = aModel('web', { protocol: 'terminated-https', tls, ...told });
    expect(nodeListener(model, [], EDGE, undefined)).toMatchObject({
      protocol: 'terminated-https',
      tls,
      ...told,
    });
  });

  it('says that targets answer clients themselves', () => {
    const dsr = aModel('web', { algorithm: 'maglev', forwarding: 'dsr' });
    expect(nodeListener(dsr, [], EDGE, undefined)).toMatchObject({ forwarding: 'dsr' });
    expect(nodeListener(aModel('web'), [], EDGE, undefined)).not.toHaveProperty('forwarding');
  });

  it('has one target where one backend names the port of the VIP and another none', () => {
    const targets = [aTarget('10.0.0.1', { effective: 0 }), aTarget('10.0.0.1', { port: 80 })];
    const listener = nodeListener(aModel('web'), targets, LOCAL, undefined);
    expect(listener!.targets).toEqual([{ address: '10.0.0.1', port: 80, weight: 100, flushes: 0 }]);
  });

  it('counts on from what the node was told last', () => {
    const first = nodeListener(aModel('web'), [disabled('10.0.0.1')], LOCAL, undefined);
    const second = nodeListener(aModel('web'), [aTarget('10.0.0.1')], LOCAL, first);
    const third = nodeListener(aModel('web'), [disabled('10.0.0.1')], LOCAL, second);
    expect([first, second, third].map((listener) => listener!.targets[0]!.flushes)).toEqual([1, 1, 2]);
  });

  it('has the flow timeout of the node for a Frontend, which names no times', () => {
    const affinity = { type: 'source-ip', timeoutMs: 40_000 } as const;
    const model = aModel('dns', { protocol: 'udp', affinity });
    expect(nodeListener(model, [], EDGE, undefined)).toMatchObject({
      timeouts: { connectMs: 5_000, clientMs: 60_000, targetMs: 60_000 },
      affinity: { type: 'source-ip', timeoutMs: 60_000 },
    });
    expect(nodeListener({ ...model, kind: 'Listener' }, [], EDGE, undefined)).toMatchObject({
      timeouts: DEFAULT_TIMEOUTS,
      affinity,
    });
  });

  it('is nothing for what is not enabled', () => {
    const model = aModel('web', { enabled: false });
    expect(nodeListener(model, [aTarget('10.0.0.1')], LOCAL, undefined)).toBeUndefined();
    expect(whyNotServed(model)).toBe('it is not enabled');
    expect(whyNotServed(aModel('web'))).toBeUndefined();
  });

  it.each<[string, Partial<ListenerModel>]>([
    ['all ports', { port: 0 }],
    ['a port of no protocol', { protocol: undefined } as Partial<ListenerModel>],
  ])('is nothing for %s, but where VPP carries it', (_what, change) => {
    const model = aModel('web', change);
    expect(nodeListener(model, [], LOCAL, undefined)).toBeUndefined();
    expect(whyNotBy(LOCAL, model)).toMatch('all ports of 192.0.2.1: only a node with the driver vpp');
    const targets = [aTarget('10.0.0.1')];
    expect(nodeListener(model, targets, aNode('v', { driver: 'vpp' }), undefined)).toMatchObject({
      ...{ protocol: 'any', port: 0 },
      targets: [{ address: '10.0.0.1', port: 0, weight: 100, flushes: 0 }],
    });
  });

  const target: fc.Arbitrary<FrontendTarget> = fc
    .record({
      address: fc.constantFrom('10.0.0.2', '10.0.0.10', '2001:db8::2', '2001:DB8::2'),
      port: fc.constantFrom(undefined, 80, 81),
      effective: fc.constantFrom(0, 50, 100),
      flush: fc.boolean(),
    })
    .map(({ address, port, ...change }) => aTarget(address, { ...change, ...(port && { port }) }));

  it('has the targets of policy pools apart, with flushes of their own, and none of a pool that it does not know', () => {
    const policyPools: ListenerModel['policyPools'] = [
      {
        ...{ name: 'api', algorithm: 'random', proxyProtocol: 'v2', members: new Map() },
        affinity: { type: 'source-ip', timeoutMs: 1_000 },
      },
      { name: 'empty', algorithm: 'round-robin', members: new Map() },
    ];
    const policies: ListenerModel['policies'] = [
      {
        ...{ name: 'p', action: 'redirect-to-pool', pool: 'api' },
        rules: [{ type: 'path', compare: 'equal-to', value: '/' }],
      },
    ];
    const model = aModel('web', { kind: 'Listener', protocol: 'http', policies, policyPools });
    const cut = { ...disabled('10.0.0.1'), pool: 'api' };
    const targets = [
      ...[aTarget('10.0.0.1'), aTarget('10.0.0.9', { pool: 'unknown' })],
      ...[aTarget('10.0.0.2', { pool: 'api', effective: 7 }), cut],
    ];
    const first = nodeListener(model, targets, LOCAL, undefined)!;
    expect(first.targets.map(({ address, flushes }) => [address, flushes])).toEqual([['10.0.0.1', 0]]);
    expect(first).toMatchObject({ policies });
    expect(first.policyPools).toEqual([
      {
        ...{ name: 'api', algorithm: 'random', proxyProtocol: 'v2' },
        affinity: { type: 'source-ip', timeoutMs: 1_000 },
        targets: [
          { address: '10.0.0.1', port: 80, weight: 0, flushes: 1, flush: true },
          { address: '10.0.0.2', port: 80, weight: 7, flushes: 0 },
        ],
      },
      { name: 'empty', algorithm: 'round-robin', targets: [] },
    ]);
    expect(nodeListener(model, targets, LOCAL, first)).toEqual(first);
  });

  it('R9 is the same bytes whatever order the targets come in', () => {
    fc.assert(
      fc.property(
        fc.array(target, { maxLength: 8 }).chain((targets) =>
          fc.record({
            targets: fc.constant(targets),
            shuffled: fc.shuffledSubarray(targets, { minLength: targets.length }),
          }),
        ),
        ({ targets, shuffled }) => {
          const [one, other] = [targets, shuffled].map((given) =>
            canonicalJson(nodeListener(aModel('web'), given, EDGE, undefined)),
          );
          expect(other).toBe(one);
        },
      ),
    );
  });

  it('never has two targets in one place', () => {
    fc.assert(
      fc.property(fc.array(target), (targets) => {
        const { targets: made } = nodeListener(aModel('web'), targets, EDGE, undefined)!;
        const places = made.map(({ address, port }) => `${address.toLowerCase()} ${port}`);
        expect(new Set(places).size).toBe(places.length);
      }),
    );
  });
});
