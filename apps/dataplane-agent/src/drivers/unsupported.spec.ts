import { describe, expect, it } from '@jest/globals';
import { type Capabilities, DEFAULT_TIMEOUTS, type NodeListener, type NodePool } from '@signalbox/contracts';
import { unsupportedReason } from './unsupported.js';

const LITTLE: Capabilities = {
  protocols: ['tcp'],
  algorithms: ['round-robin', 'maglev'],
  affinity: [],
  flush: true,
  targetPorts: false,
  mixedFamilies: false,
  connectionLimit: false,
  maxTargets: 2,
};

const PLAIN: NodeListener = {
  name: 'web',
  address: '192.0.2.10',
  protocol: 'tcp',
  port: 80,
  algorithm: 'round-robin',
  timeouts: DEFAULT_TIMEOUTS,
  targets: [target('198.51.100.1')],
};

function target(address: string, port = 80) {
  return { address, port, weight: 100, flushes: 0 };
}

describe('what a driver cannot do', () => {
  it('is nothing when its capabilities have all that the listener asks for', () => {
    expect(unsupportedReason(PLAIN, LITTLE, 'little')).toBeUndefined();
  });

  it.each<[string, Partial<NodeListener>, string]>([
    ['protocol', { protocol: 'udp' }, 'no protocol udp, only tcp'],
    ['algorithm', { algorithm: 'random' }, 'no algorithm random, only round-robin, maglev'],
    ['affinity', { affinity: { type: 'source-ip', timeoutMs: 1_000 } }, 'no affinity source-ip, only none'],
    ['connection limit', { connectionLimit: 10 }, 'no connection limit'],
    ['policies', { policies: [] }, 'no policies for requests'],
    ['PROXY protocol', { proxyProtocol: 'v1' }, 'no PROXY protocol'],
    ['direct server return', { forwarding: 'dsr' }, 'no direct server return'],
    ['TLS', { protocol: 'terminated-https' }, 'no protocol terminated-https, only tcp'],
    [
      'number of targets',
      { targets: ['198.51.100.1', '198.51.100.2', '198.51.100.3'].map((address) => target(address)) },
      '3 targets, and at most 2 are possible',
    ],
    [
      'port of a target',
      { targets: [target('198.51.100.1', 8080)] },
      'target 198.51.100.1 has port 8080, and targets keep the port of the VIP, 80',
    ],
    [
      'family of a target',
      { targets: [target('2001:db8::1')] },
      'target 2001:db8::1 is of another address family than the VIP 192.0.2.10',
    ],
  ])('is told: %s', (_what, asked, lack) => {
    expect(unsupportedReason({ ...PLAIN, ...asked }, LITTLE, 'little')).toEqual({
      code: 'data-plane-refused',
      message: `driver little cannot serve listener web: ${lack}`,
    });
  });

  it.each<[string, Partial<NodePool>, string]>([
    ['algorithm', { algorithm: 'random' }, 'no algorithm random, only round-robin, maglev'],
    ['affinity', { affinity: { type: 'source-ip', timeoutMs: 1_000 } }, 'no affinity source-ip, only none'],
    ['PROXY protocol', { proxyProtocol: 'v1' }, 'no PROXY protocol'],
    [
      'number of targets',
      { targets: ['198.51.100.1', '198.51.100.2', '198.51.100.3'].map((address) => target(address)) },
      '3 targets, and at most 2 are possible',
    ],
    [
      'port of a target',
      { targets: [target('198.51.100.1', 8080)] },
      'target 198.51.100.1 has port 8080, and targets keep the port of the VIP, 80',
    ],
  ])('is told of a pool of policies: %s', (_what, asked, lack) => {
    const pool: NodePool = { name: 'api', algorithm: 'maglev', targets: [target('198.51.100.1')] };
    const policyPools = [
      { ...pool, name: 'aaa' },
      { ...pool, ...asked },
    ];
    expect(unsupportedReason({ ...PLAIN, policyPools }, LITTLE, 'little')?.message).toBe(
      `driver little cannot serve listener web: of pool api: ${lack}`,
    );
  });

  it.each<[string, Partial<NodeListener>, string | undefined]>([
    ['nothing of what chooses by the client', { algorithm: 'maglev' }, undefined],
    ['taking turns', {}, 'no direct server return with round-robin, only with maglev'],
    [
      'remembering clients',
      { algorithm: 'maglev', affinity: { type: 'source-ip', timeoutMs: 1_000 } },
      'no direct server return with affinity source-ip',
    ],
    [
      'another port',
      { algorithm: 'maglev', targets: [target('198.51.100.1', 8080)] },
      'target 198.51.100.1 has port 8080, and targets keep the port of the VIP, 80',
    ],
    [
      'another family',
      { algorithm: 'maglev', targets: [target('2001:db8::1')] },
      'target 2001:db8::1 is of another address family than the VIP 192.0.2.10',
    ],
  ])('of targets that answer clients themselves is %s', (_what, asked, lack) => {
    const much: Capabilities = {
      ...LITTLE,
      ...{ affinity: ['source-ip'], targetPorts: true, mixedFamilies: true, dsr: ['maglev'] },
    };
    const error = unsupportedReason({ ...PLAIN, forwarding: 'dsr', ...asked }, much, 'much');
    expect(error?.message).toBe(lack && `driver much cannot serve listener web: ${lack}`);
  });

  it('is nothing where the capability is there', () => {
    const much: Capabilities = { ...LITTLE, targetPorts: true, mixedFamilies: true, connectionLimit: true };
    const asked = { ...PLAIN, connectionLimit: 1, targets: [target('2001:db8::1', 8080)] };
    expect(unsupportedReason(asked, much, 'much')).toBeUndefined();
  });
});
