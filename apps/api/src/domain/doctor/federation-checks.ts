import { thresholdsOf } from '@signalbox/contracts';
import type { Check, CheckStatus } from './check.js';
import type { GroupFacts, PeerFacts } from './federation-facts.js';

type Told = Omit<Check, 'area' | 'name' | 'group' | 'peer'>;

/** Deliveries and runs of one group against its thresholds. Reference 9.1, where O3, O10 and O11 go further. */
export function federationChecks(group: GroupFacts): Check[] {
  const name = group.group;
  const about = { area: 'federation', name, group: name } as const;
  return [
    ...group.peers.flatMap((peer) =>
      peerChecks(group, peer).map((told) => ({
        ...about,
        name: `${name} → ${peer.peer}`,
        peer: peer.peer,
        resource: `EventPeer/${peer.peer}`,
        ...told,
      })),
    ),
    ...(group.peers.length === 0
      ? [{ ...about, code: 'expected-delivery', status: 'skip', detail: 'no EventPeer is declared' } as const]
      : []),
    { ...about, ...runsCheck(group) },
    ...(group.listens && !group.hasMembers
      ? [
          {
            ...about,
            code: 'open-membership',
            status: 'warn',
            detail: 'whoever holds the secret may push facts of any origin: spec.members is not declared',
            remedy: `name the nodes that may push in spec.members of EventGroup/${name}`,
            resource: `EventGroup/${name}`,
          } as const,
        ]
      : []),
  ];
}

function peerChecks(group: GroupFacts, peer: PeerFacts): Told[] {
  if (peer.endpoint.trim() === '') return [noEndpoint(peer)];
  return [
    failedDeliveries(group, peer),
    pendingDeliveries(group, peer),
    staleTtl(peer),
    deliveryLag(group, peer),
    eventExpiry(group, peer),
    expectedDelivery(group, peer),
  ];
}

function noEndpoint({ peer }: PeerFacts): Told {
  return {
    code: 'expected-delivery-no-endpoint',
    status: 'fail',
    detail: `EventPeer/${peer} has no endpoint: nothing can be delivered to it`,
    remedy: `give EventPeer/${peer} an endpoint: signalbox apply -f FILE`,
  };
}

function failedDeliveries({ group }: GroupFacts, { peer, failed, error }: PeerFacts): Told {
  const code = 'failed-deliveries';
  if (failed === 0) return { code, status: 'pass', detail: 'no delivery fails' };
  const why = error === undefined ? '' : `: ${error}`;
  return {
    code,
    status: 'fail',
    detail: `${failed} ${failed === 1 ? 'fact fails' : 'facts fail'} to be delivered${why}`,
    remedy: `signalbox event deliveries --group ${group} --peer ${peer} --status failed`,
  };
}

function pendingDeliveries(group: GroupFacts, { peer, pending, dueExpiresInSeconds }: PeerFacts): Told {
  const code = 'pending-deliveries';
  if (pending === 0) return { code, status: 'pass', detail: 'nothing waits' };
  const { expiresSoonSeconds } = thresholdsOf(group.slo).delivery;
  const soon = dueExpiresInSeconds !== undefined && dueExpiresInSeconds < expiresSoonSeconds;
  const detail = soon
    ? `${pending} wait, the first expires in ${whole(dueExpiresInSeconds)} s (soon: ${expiresSoonSeconds} s)`
    : `${pending} wait to be delivered`;
  const remedy = `signalbox event deliveries --group ${group.group} --peer ${peer} --status pending`;
  return { code, status: soon ? 'fail' : 'warn', detail, remedy };
}

function staleTtl({ delivered, staleTtl: stale }: PeerFacts): Told {
  const code = 'stale-ttl';
  if (stale === 0) return { code, status: 'pass', detail: 'peers have the newest lease of every fact' };
  return {
    code,
    status: stale >= delivered ? 'fail' : 'warn',
    detail: `${stale} of ${delivered} delivered facts were refreshed, and the peer has the older lease`,
    remedy: 'see that federation runs and the peer answers: signalbox show alarms',
  };
}

function deliveryLag(group: GroupFacts, { maxLagSeconds }: PeerFacts): Told {
  const code = 'delivery-lag';
  const { lagWarnSeconds: warn, lagFailSeconds: fail } = thresholdsOf(group.slo).delivery;
  if (maxLagSeconds === undefined)
    return { code, status: 'skip', detail: 'nothing was delivered within the last hour' };
  const status: CheckStatus = maxLagSeconds >= fail ? 'fail' : maxLagSeconds >= warn ? 'warn' : 'pass';
  const detail = `at most ${whole(maxLagSeconds)} s within the last hour (warn ${warn} s, fail ${fail} s)`;
  if (status === 'pass') return { code, status, detail };
  return { code, status, detail, remedy: 'see whether the peer is reached: signalbox show alarms' };
}

function eventExpiry(group: GroupFacts, peer: PeerFacts): Told {
  const code = 'event-expiry';
  const { minExpiresInSeconds: left, pending, failed } = peer;
  const { expiresSoonSeconds } = thresholdsOf(group.slo).delivery;
  if (left === undefined) return { code, status: 'skip', detail: 'no fact expires' };
  const detail = `the first fact expires in ${whole(left)} s (soon: ${expiresSoonSeconds} s)`;
  if (left >= expiresSoonSeconds) return { code, status: 'pass', detail };
  const isOpen = pending + failed > 0;
  return {
    code,
    status: isOpen ? 'fail' : 'warn',
    detail: isOpen ? `${detail}, and not everything is delivered` : detail,
    remedy: `see what is near its end: signalbox event list --group ${group.group}`,
  };
}

function expectedDelivery({ ownEvents, group }: GroupFacts, { missing, peer }: PeerFacts): Told {
  const code = 'expected-delivery';
  if (ownEvents === 0) return { code, status: 'skip', detail: 'no fact of ours lives' };
  if (missing === 0)
    return { code, status: 'pass', detail: 'every fact that the peer wants is delivered or on its way' };
  return {
    code,
    status: 'fail',
    detail: `of ${missing} facts of ours that ${peer} wants nobody knows a delivery`,
    remedy: `signalbox event deliveries --group ${group} --peer ${peer}`,
  };
}

function runsCheck({ group, runs, slo }: GroupFacts): Told {
  const code = 'subscription-runs';
  const { maxFailedRuns, maxPendingRuns } = thresholdsOf(slo).subscription;
  const { total, failed, pending } = runs;
  if (total === 0) return { code, status: 'skip', detail: 'no fact of it started a run' };
  const detail =
    `${failed} failed within the last hour (at most ${maxFailedRuns}), ` +
    `${pending} not at an end (at most ${maxPendingRuns}), ${total} in all`;
  if (failed > maxFailedRuns)
    return { code, status: 'fail', detail, remedy: `signalbox run list --group ${group} --state failed` };
  if (pending > maxPendingRuns)
    return { code, status: 'warn', detail, remedy: `signalbox run list --group ${group}` };
  return { code, status: 'pass', detail };
}

function whole(seconds: number): number {
  return Math.floor(seconds);
}
