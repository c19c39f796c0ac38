import { BOUNDS } from './bounds.js';
import type { Stored } from './stored-thing.js';

/** What services keep in memory and could find again. */
export const CACHES = [
  {
    name: 'samples of storage',
    kind: 'cache',
    owner: 'api',
    holds: 'how full everything was, for the forecast',
    bound: { most: BOUNDS.samples, unit: 'entries', per: 'thing', whenFull: 'forgets' },
  },
  {
    name: 'facts ahead of their table',
    kind: 'cache',
    owner: 'ingest',
    holds: 'accepted facts that the table does not show yet',
    bound: { most: BOUNDS.factsUnprojected, unit: 'entries', per: 'group', whenFull: 'refuses' },
  },
  {
    name: 'signatures of peers',
    kind: 'cache',
    owner: 'ingest',
    holds: 'signed requests that were seen, for twice the replay window',
    bound: { most: BOUNDS.signatures, unit: 'entries', per: 'port', whenFull: 'forgets' },
  },
  {
    name: 'recent deliveries',
    kind: 'cache',
    owner: 'federation',
    holds: 'what a peer got a moment ago',
    bound: { most: BOUNDS.recentDeliveries, unit: 'entries', per: 'peer', whenFull: 'forgets' },
  },
  {
    name: 'facts at hand',
    kind: 'cache',
    owner: 'matcher',
    holds: 'the newest facts, for plans',
    bound: { most: BOUNDS.factsAtHandBytes, unit: 'bytes', whenFull: 'forgets' },
  },
  {
    name: 'ended runs',
    kind: 'cache',
    owner: 'matcher',
    holds: 'runs that are over, so that a late record brings none back',
    bound: { most: BOUNDS.endedRuns, unit: 'entries', whenFull: 'forgets' },
  },
  {
    name: 'digests of plugins',
    kind: 'cache',
    owner: 'plugin-runner',
    holds: 'plugin files that were checked',
    bound: { most: BOUNDS.pluginDigests, unit: 'entries', whenFull: 'forgets' },
  },
  {
    name: 'live parts',
    kind: 'cache',
    owner: 'renderer',
    holds: 'parts that have not ended',
    bound: { rule: 'what plugins made and has not expired: one for each source' },
  },
  {
    name: 'sources of parts',
    kind: 'cache',
    owner: 'renderer',
    holds: 'the last generation of each source, so that generations only rise',
    bound: {
      rule: 'one number for each source that had a part since the service started, or has a row in parts',
    },
  },
  {
    name: 'backends in work',
    kind: 'cache',
    owner: 'health',
    holds: 'backends with their counters',
    bound: { rule: 'as many as are declared' },
  },
  {
    name: 'frontends in work',
    kind: 'cache',
    owner: 'balancer',
    holds: 'frontends with their weights',
    bound: { rule: 'those that are declared, and those that were removed since the service started' },
  },
  {
    name: 'listeners of nodes',
    kind: 'cache',
    owner: 'balancer',
    holds: 'what each load-balancing node was told last',
    bound: { rule: 'each declared listener once for each node that serves it' },
  },
  {
    name: 'listeners with reports',
    kind: 'cache',
    owner: 'balancer',
    holds: 'what each node said last of each of its listeners',
    bound: { rule: 'as many as the table node_listeners has' },
  },
  {
    name: 'holders of VIPs',
    kind: 'cache',
    owner: 'balancer',
    holds: 'who has which VIP, who waits for one, and addresses in quarantine',
    bound: { rule: 'as many as the tables vip_holders and vip_addresses have' },
  },
  {
    name: 'desired listeners',
    kind: 'cache',
    owner: 'dataplane-agent',
    holds: 'listeners of the node as the bucket has them',
    bound: { rule: 'two for each listener of the node' },
  },
] as const satisfies readonly Stored[];
