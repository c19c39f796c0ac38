import { BOUNDS } from './bounds.js';
import type { Stored } from './stored-thing.js';

/** What waits in the memory of services. What is lost with the process is in a stream, or was never answered. */
export const QUEUES = [
  {
    name: 'changes in line',
    kind: 'queue',
    owner: 'api',
    holds: 'changes that people made at the same time',
    bound: { most: BOUNDS.changesInLine, unit: 'entries', whenFull: 'refuses' },
  },
  {
    name: 'event streams',
    kind: 'queue',
    owner: 'api',
    holds: 'open streams of `watch events`, each with at most 1 MiB that its client has not taken',
    bound: { most: BOUNDS.eventStreams, unit: 'entries', whenFull: 'refuses' },
  },
  {
    name: 'facts in line',
    kind: 'queue',
    owner: 'ingest',
    holds: 'facts that were sent and not answered yet',
    bound: { most: BOUNDS.factsInLine, unit: 'entries', per: 'group', whenFull: 'refuses' },
  },
  {
    name: 'deliveries in work',
    kind: 'queue',
    owner: 'federation',
    holds: 'facts that are pushed, or wait for their next try',
    bound: { most: BOUNDS.deliveriesInWork, unit: 'entries', per: 'peer', whenFull: 'waits' },
  },
  {
    name: 'facts that wait for a run',
    kind: 'queue',
    owner: 'matcher',
    holds: 'matched facts, the newest of each lineage',
    bound: {
      rule: 'one for each subscription and lineage, and none whose fact is no longer kept',
      setting: 'retention of an EventGroup',
    },
  },
  {
    name: 'plans in line',
    kind: 'queue',
    owner: 'matcher',
    holds: 'plans that NATS has not taken yet',
    bound: { most: BOUNDS.plansInLine, unit: 'entries', whenFull: 'waits' },
  },
  {
    name: 'runs in line',
    kind: 'queue',
    owner: 'plugin-runner',
    holds: 'plans that wait for their plugin, and those in work',
    bound: {
      rule: 'as many as `matcher` plans at once for each subscription',
      setting: 'trigger.concurrency of an EventSubscription',
    },
  },
  {
    name: 'runs that wait for a process',
    kind: 'queue',
    owner: 'plugin-runner',
    holds: 'runs of a persistent plugin whose processes have enough to do',
    bound: { most: BOUNDS.runsOfPlugin, unit: 'entries', per: 'plugin', whenFull: 'refuses' },
  },
  {
    name: 'probes in line',
    kind: 'queue',
    owner: 'health',
    holds: 'probes that wait for a free file descriptor',
    bound: { rule: 'one for each backend' },
  },
] as const satisfies readonly Stored[];
