import type { ServiceName } from '../services.js';
import { BOUNDS } from './bounds.js';
import type { RuleBound, Stored } from './stored-thing.js';

const WITH_ACTIVITY: RuleBound = {
  rule: 'rows that are over go with their records of ACTIVITY',
  setting: 'SIGNALBOX_ACTIVITY_MAX_AGE',
};
const WITH_JOURNAL: RuleBound = { rule: 'as many as JOURNAL has changes' };
const DECLARED: RuleBound = { rule: 'as many as are declared' };

function table(name: string, owner: ServiceName, holds: string, bound: Stored['bound']): Stored {
  return { name, kind: 'table', owner, holds, bound };
}

/** The tables of a site. */
export const TABLES: readonly Stored[] = [
  table('facts', 'ingest', 'the newest record of every fact, of all groups together', {
    most: BOUNDS.factsEvents,
    unit: 'rows',
    per: 'group',
    ageMs: BOUNDS.factsAgeMs,
    setting: 'SIGNALBOX_FACTS_MAX_EVENTS, SIGNALBOX_FACTS_MAX_AGE, retention of an EventGroup',
    whenFull: 'prunes',
  }),
  table('deliveries', 'federation', 'how each fact reached each peer', WITH_ACTIVITY),
  table('runs', 'renderer', 'runs of plugins', WITH_ACTIVITY),
  table('pending_facts', 'matcher', 'facts that wait for their run', {
    rule: 'one for each subscription and lineage, and none whose fact is no longer kept',
    setting: 'retention of an EventGroup',
  }),
  table('pending_withdrawals', 'matcher', 'what was retracted and stands for its grace', {
    rule: 'one for each subscription and lineage, for 24 h at most',
  }),
  table('parts', 'renderer', 'parts, those that ended among them', WITH_ACTIVITY),
  table('effective_resources', 'renderer', 'the effective config', {
    rule: 'what is declared, and what live parts add',
  }),
  table('generations', 'renderer', 'generations of the effective config', WITH_ACTIVITY),
  table(
    'effective_versions',
    'renderer',
    'every version of every resource of the effective config',
    WITH_ACTIVITY,
  ),
  table('revisions', 'api', 'changesets of people', WITH_JOURNAL),
  table('resource_versions', 'api', 'every version of every declared resource', WITH_JOURNAL),
  table('tokens', 'api', 'tokens of the API, revoked ones among them', WITH_JOURNAL),
  table('audit_entries', 'api', 'who changed what: one row for each thing in a change', WITH_JOURNAL),
  table('dead_letters', 'api', 'what DEAD holds', {
    rule: 'as many as DEAD holds',
    setting: 'SIGNALBOX_DEAD_MAX_BYTES, SIGNALBOX_DEAD_MAX_AGE',
  }),
  table('backends', 'health', 'backends, removed ones among them', WITH_ACTIVITY),
  table('backend_transitions', 'health', 'how backends changed their state', WITH_ACTIVITY),
  table('backend_intents', 'health', 'what operators want of backends', {
    rule: 'one for each backend that somebody ever paused or disabled',
  }),
  table(
    'kept_answers',
    'api',
    'a cache of answers to requests with an Idempotency-Key, 64 KiB each at most',
    {
      most: BOUNDS.keptAnswers,
      unit: 'rows',
      ageMs: BOUNDS.keptAnswersAgeMs,
      whenFull: 'forgets',
    },
  ),
  table('backend_counters', 'health', 'a cache of counted probes', DECLARED),
  table('probed_until', 'health', 'until when probes ran', { rule: 'one row' }),
  table('frontends', 'balancer', 'frontends', WITH_ACTIVITY),
  table('frontend_targets', 'balancer', 'weights of the backends of frontends', WITH_ACTIVITY),
  table('weight_overrides', 'balancer', 'weights that operators set', {
    rule: 'one for each backend of a pool',
  }),
  table('nodes', 'balancer', 'load-balancing nodes', {
    rule: 'one for each node that ever reported',
  }),
  table('node_drains', 'balancer', 'which nodes operators drained', {
    rule: 'one for each node that somebody ever drained',
  }),
  table('node_listeners', 'balancer', 'how each node serves each listener', {
    rule: 'one for each listener that a node has',
  }),
  table('node_vips', 'balancer', 'which VIPs each node announces, and to whom', {
    rule: 'one for each VIP that a node was told of',
  }),
  table('vip_addresses', 'balancer', 'VIPs that somebody has, and those in quarantine', {
    rule: 'at most one for each address that was claimed',
  }),
  table('vip_holders', 'balancer', 'who has which VIP, and who waits for one', DECLARED),
  table('sinks', 'sinks', 'how each sink stands, removed ones among them', WITH_ACTIVITY),
  table(
    'sink_applies',
    'sinks',
    'what was applied to the target of each sink, and what failed',
    WITH_ACTIVITY,
  ),
  table('sink_intents', 'sinks', 'which sinks operators paused', {
    rule: 'one for each sink that somebody ever paused or resumed',
  }),
  table('positions', 'api', 'how far each table has read its stream', {
    rule: 'one for each table and group',
  }),
  table('migrations', 'api', 'which versions the tables went through', { rule: 'one for each version' }),
];
