import { expect, it } from '@jest/globals';
import type { PeerCondition } from './peer-condition.js';
import { peerAlarms, UNREACHABLE_AFTER_MS } from './peer-alarms.js';

const SINCE = '2026-01-01T00:00:00.000Z';
const SOON = Date.parse(SINCE) + 1;
const LATE = Date.parse(SINCE) + UNREACHABLE_AFTER_MS;

function condition(peer: string, more: Partial<PeerCondition>): PeerCondition {
  return { group: 'g', peer, nodeName: `${peer}-node`, endpoint: 'http://p', state: 'Delivering', ...more };
}

it('X17 one alarm for a missing secret, about the group and every peer that waits for it', () => {
  const error = { code: 'secret-missing', message: 'the secret file /s/edge.key does not exist' } as const;
  const pending = { state: 'Pending', reason: 'secret-missing', error, since: SINCE } as const;
  const alarms = peerAlarms([condition('a', pending), condition('b', pending), condition('c', {})], SOON);
  expect(alarms).toMatchObject([
    { kind: 'secret-missing', name: 'g', reason: 'secret-missing', since: SINCE },
  ]);
  expect(alarms[0]?.text).toMatch(/^the secret file \/s\/edge.key does not exist: .* wait for a, b$/);
  expect(alarms[0]?.resources?.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
    'EventGroup/g',
    'EventPeer/a',
    'EventPeer/b',
  ]);
});

it('X18 a peer that refuses us is told at once, one that cannot be reached after a minute', () => {
  const error = { code: 'peer-unreachable', message: 'no answer: ECONNREFUSED' } as const;
  const peers = [
    condition('no', { state: 'Refused', since: SINCE, error: { ...error, code: 'peer-refused-us' } }),
    condition('away', { state: 'Failing', since: SINCE, error }),
  ];
  const told = (nowMs: number): unknown => peerAlarms(peers, nowMs).map(({ kind, name }) => [kind, name]);
  expect(told(SOON)).toEqual([['peer-refuses', 'no']]);
  expect(told(LATE)).toEqual([
    ['peer-refuses', 'no'],
    ['peer-unreachable', 'away'],
  ]);
});
