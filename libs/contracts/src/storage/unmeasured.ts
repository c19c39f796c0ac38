import { BOUNDS } from './bounds.js';
import type { Stored } from './stored-thing.js';

function unmeasured(
  kind: 'cache' | 'queue',
  owner: Stored['owner'],
  name: string,
  holds: string,
  bound: Stored['bound'],
): Stored {
  return { name, kind, owner, holds, bound, isMeasured: false };
}

/** Caches and queues whose use nobody is told: there are many small ones of each, or they are in a process of their own. */
export const UNMEASURED: readonly Stored[] = [
  unmeasured(
    'cache',
    'every service',
    'declared resources',
    'resources and tokens that the service needs, and how many of them quotas count',
    {
      rule: 'as many as are declared, and live parts add',
    },
  ),
  unmeasured('cache', 'every service', 'kinds of warnings', 'what was told once and is only counted since', {
    most: BOUNDS.toldKinds,
    unit: 'entries',
    whenFull: 'forgets',
  }),
  unmeasured(
    'cache',
    'matcher',
    'positions of a start',
    'lineages that were planned since the last snapshot',
    {
      rule: 'until the facts of all groups are read, then none',
    },
  ),
  unmeasured(
    'cache',
    'federation',
    'deliveries of a start',
    'what peers had got, among the facts not passed yet',
    {
      rule: 'as many rows as `deliveries` has, until the peer has passed them',
    },
  ),
  unmeasured('cache', 'sinks', 'effective config', 'its resources, and which of them each target has', {
    rule: 'as many as it has, once there is a sink',
  }),
  unmeasured('cache', 'health', 'patterns of bodies', 'compiled expressions of checks', {
    most: BOUNDS.bodyPatterns,
    unit: 'entries',
    per: 'network namespace',
    whenFull: 'forgets',
  }),
  unmeasured(
    'cache',
    'dataplane-agent',
    'remembered clients',
    'which target a client belongs to, by affinity',
    {
      most: BOUNDS.rememberedClients,
      unit: 'entries',
      per: 'listener',
      whenFull: 'forgets',
    },
  ),
  unmeasured(
    'cache',
    'dataplane-agent',
    'cut connections',
    'those that nftables cut in the last ten minutes: who does not know yet is answered by a reset',
    { most: BOUNDS.cutConnections, unit: 'entries', per: 'node', whenFull: 'waits' },
  ),
  unmeasured('cache', 'dataplane-agent', 'connections of sim', 'connections that it carries', {
    most: BOUNDS.simConnections,
    unit: 'entries',
    per: 'listener',
    whenFull: 'refuses',
    setting: 'connectionLimit of a Listener',
  }),
  unmeasured('cache', 'dataplane-agent', 'flows of sim', 'flows of datagrams that it carries', {
    most: BOUNDS.simFlows,
    unit: 'entries',
    per: 'listener',
    whenFull: 'refuses',
    setting: 'connectionLimit of a Listener',
  }),
  unmeasured(
    'queue',
    'every service',
    'messages read ahead',
    `messages of a stream that are not handled yet, and at most ${BOUNDS.readAheadBytes / 1024 / 1024} MiB of them`,
    { most: BOUNDS.readAheadMessages, unit: 'entries', per: 'reader', whenFull: 'waits' },
  ),
  unmeasured('queue', 'every service', 'records for NATS', 'records that are not stored yet', {
    rule: 'those of the work that waits for them: nothing goes on before its record is stored',
  }),
  unmeasured(
    'queue',
    'every service',
    'records of a backend or frontend',
    'records that NATS has not taken yet; beyond, the newest is merged with each newcomer',
    { most: BOUNDS.recordsOfSubject, unit: 'entries', per: 'subject', whenFull: 'waits' },
  ),
];
