import { describe, expect, it } from '@jest/globals';
import { DEFAULT_TIMEOUTS, type NodeListener } from '@signalbox/contracts';
import { listenerChanges, NO_CHANGES } from './listener-changes.js';

const BEFORE: NodeListener = {
  name: 'web',
  address: '192.0.2.10',
  protocol: 'tcp',
  port: 80,
  algorithm: 'round-robin',
  timeouts: DEFAULT_TIMEOUTS,
  targets: [target('198.51.100.1', 50), target('198.51.100.2', 20), target('198.51.100.3', 30)],
};
const [FIRST, SECOND, THIRD] = BEFORE.targets;

function target(address: string, weight: number, flushes = 0) {
  return { address, port: 80, weight, flushes };
}

describe('what differs between two states of a listener', () => {
  it.each<[string, Partial<NodeListener>]>([
    ['the order of its targets', { targets: [...BEFORE.targets].reverse() }],
    ['how often targets were flushed', { targets: BEFORE.targets.map((one) => ({ ...one, flushes: 7 })) }],
    ['where it listens, which is looked at elsewhere', { listenAt: { address: '127.0.0.1' } }],
  ])('is nothing: %s', (_what, changes) => {
    expect(listenerChanges(BEFORE, { ...BEFORE, ...changes })).toEqual(NO_CHANGES);
  });

  it.each<[string, Partial<NodeListener>, Partial<typeof NO_CHANGES>]>([
    ['a weight', { targets: [target('198.51.100.1', 51), SECOND!, THIRD!] }, { targets: 1 }],
    ['a target more', { targets: [...BEFORE.targets, target('198.51.100.4', 1)] }, { targets: 1 }],
    ['a target less', { targets: [FIRST!, THIRD!] }, { targets: 1 }],
    ['another target', { targets: [FIRST!, SECOND!, target('198.51.100.4', 30)] }, { targets: 2 }],
    ['the algorithm', { algorithm: 'random' }, { algorithm: 1 }],
    ['the size of the table', { tableSize: 251 }, { algorithm: 1 }],
    ['the affinity', { affinity: { type: 'source-ip', timeoutMs: 1 } }, { settings: 1 }],
    [
      'the limit and a time',
      { connectionLimit: 1, timeouts: { ...DEFAULT_TIMEOUTS, clientMs: 1 } },
      { settings: 2 },
    ],
    ['the VIP', { address: '192.0.2.11' }, { settings: 1 }],
  ])('is counted: %s', (_what, changes, counted) => {
    expect(listenerChanges(BEFORE, { ...BEFORE, ...changes })).toEqual({ ...NO_CHANGES, ...counted });
  });
});
