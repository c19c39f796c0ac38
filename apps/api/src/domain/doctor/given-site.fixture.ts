import type { GroupFacts, PeerFacts } from './federation-facts.js';
import type { SiteFacts } from './report.js';

/** A peer that has everything, with what is different. */
export function givenPeer(given: Partial<PeerFacts> = {}): PeerFacts {
  return {
    ...{ peer: 'cloud', nodeName: 'cloud-node', endpoint: 'http://192.0.2.1:8787' },
    ...{ delivered: 3, failed: 0, pending: 0, staleTtl: 0, missing: 0 },
    ...{ maxLagSeconds: 1, minExpiresInSeconds: 3600, skewSeconds: 0 },
    ...given,
  };
}

/** A group whose only peer has everything, with what is different. */
export function givenGroup(given: Partial<GroupFacts> = {}): GroupFacts {
  return {
    ...{ group: 'edge', nodeName: 'onprem', events: 3, ownEvents: 3, peers: [givenPeer()] },
    runs: { total: 2, succeeded: 2, failed: 0, pending: 0 },
    ...{ hasMembers: true, listens: true, senders: [] },
    ...given,
  };
}

/** A site that is well, with what is different. */
export function givenSite(given: Partial<SiteFacts> = {}): SiteFacts {
  return {
    services: [{ name: 'ingest' }],
    nats: {
      ...{ version: '2.12.1', maxPayload: 8 * 1024 * 1024, tls: false, isFar: false, syncInterval: 'always' },
      storage: { used: 1, limit: 100 },
    },
    postgres: {
      versionNumber: 170_004,
      settings: { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' },
      ...{ connections: 5, maxConnections: 100 },
    },
    clocks: [
      { name: 'NATS', skewSeconds: 0 },
      { name: 'Postgres', skewSeconds: 0 },
    ],
    disks: [{ place: '/var/lib/signalbox', used: 10, size: 100 }],
    keys: [{ path: '/etc/edge.key', purpose: 'EventGroup/edge', mode: 0o100600, ageMs: 0 }],
    groups: [givenGroup()],
    projections: [{ name: 'runs', stream: 'ACTIVITY', lag: 0 }],
    consumers: [{ name: 'matcher', stream: 'FACTS_edge', lag: 0 }],
    deadLetters: [],
    alarms: [],
    ...given,
  };
}
