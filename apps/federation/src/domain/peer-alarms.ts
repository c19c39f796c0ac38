import { type Alarm, FEDERATION_API, timestampMs } from '@signalbox/contracts';
import type { PeerCondition } from './peer-condition.js';

/** How long nothing reaches a peer before people are told. Milliseconds. */
export const UNREACHABLE_AFTER_MS = 60_000;

/** What is wrong with the peers now: one alarm per group without a secret, one per peer that takes nothing. */
export function peerAlarms(conditions: readonly PeerCondition[], nowMs: number): Alarm[] {
  const keyless = conditions.filter(({ state }) => state === 'Pending');
  const groups = [...new Set(keyless.map(({ group }) => group))];
  return [
    ...groups.map((group) =>
      secretAlarm(
        group,
        keyless.filter((peer) => peer.group === group),
      ),
    ),
    ...conditions.flatMap((condition) => {
      if (condition.state === 'Refused') return [peerAlarm(condition, 'peer-refuses')];
      if (condition.state !== 'Failing' || condition.since === undefined) return [];
      const isLong = nowMs - timestampMs(condition.since) >= UNREACHABLE_AFTER_MS;
      return isLong ? [peerAlarm(condition, 'peer-unreachable')] : [];
    }),
  ];
}

const MEANINGS = {
  'peer-refuses': { reason: 'peer-refused-us', what: 'refuses us' },
  'peer-unreachable': { reason: 'peer-unreachable', what: 'cannot be reached' },
} as const;

function peerAlarm(condition: PeerCondition, kind: keyof typeof MEANINGS): Alarm {
  const { group, peer: name, endpoint, error, since = '' } = condition;
  const { reason, what } = MEANINGS[kind];
  const why = error?.message ?? 'no reason is known';
  const text = `peer ${name} of group ${group} ${what} at ${endpoint}, its facts wait: ${why}`;
  return { kind, name, reason, resources: [eventPeer(name)], since, text };
}

function secretAlarm(group: string, peers: readonly PeerCondition[]): Alarm {
  const names = peers.map(({ peer }) => peer);
  const [first] = peers;
  const why = first?.error?.message ?? 'there is no secret';
  return {
    kind: 'secret-missing',
    name: group,
    reason: 'secret-missing',
    resources: [{ apiVersion: FEDERATION_API, kind: 'EventGroup', name: group }, ...names.map(eventPeer)],
    since: first?.since ?? '',
    text: `${why}: put the secret there, readable for federation; facts of group ${group} wait for ${names.join(', ')}`,
  };
}

function eventPeer(name: string): NonNullable<Alarm['resources']>[number] {
  return { apiVersion: FEDERATION_API, kind: 'EventPeer', name };
}
