import { BALANCE_API, CONFIG_SINK } from '@signalbox/contracts';
import type { DataSource } from 'typeorm';

/** How much there is of what a big site has much of; enough for Postgres to plan as for more. Rows. */
export const BIG = {
  facts: 60_000,
  runs: 50_000,
  deliveries: 50_000,
  parts: 10_000,
  endedParts: 30_000,
  generations: 30_000,
  versions: 100_000,
  versionedResources: 1000,
  backends: 10_000,
  transitions: 50_000,
  frontends: 10_000,
  checks: 1000,
  nodes: 20,
  listeners: 5000,
  vipPools: 5,
  orgs: 5000,
  sinks: 5000,
  applies: 50_000,
  deadLetters: 30_000,
  oldResources: 30_000,
} as const;

/** The tables that a read must not go through. */
export const LARGE_TABLES: ReadonlySet<string> = new Set([
  ...['facts', 'runs', 'deliveries', 'parts', 'generations', 'effective_resources', 'resource_versions'],
  'effective_versions',
  ...['backends', 'backend_transitions', 'frontend_targets', 'node_listeners', 'node_vips', 'dead_letters'],
  ...['vip_addresses', 'vip_holders', 'sinks', 'sink_applies', 'sink_intents'],
]);

const PART_BODY =
  '{"resources":[],"directives":[],"actionPlans":[],"observedAt":"","digest":"","subscription":"","plugin":"","facts":[]}';

/** A time of day as the n-th record has it. */
const at = (n: string): string =>
  `to_char(timestamp '2026-01-01' + (${n}) * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Nine facts of ten are over, the oldest. The types, sources and subjects that are asked for are of few or of many. */
const FACTS = `
  insert into facts
    (group_name, id, seq, origin, type, subject, dedupe_key, lineage, digest, payload, observed_at, observed_ns,
     expires_at, expires_ns, version, own, way, accepted_at)
  select 'default', 'e' || i, i, case when i % 1000 = 999 then 'rare.test' else 'n' || i / 10 % 10 || '.test' end,
         case when i % 1000 = 998 then 'rare' else 't' || i % 10 end, 's' || i / 5, 'k' || i, md5(i::text), '', '{}',
         ${at('i')}, 1767225600000000000 + i * 1000000000::bigint, ${at('i + 60')},
         case when i <= ${BIG.facts * 0.9} then 0 when i % 2 = 0 then 4000000000000000000 end,
         1, true, 'rest', ${at('i')}
    from generate_series(1, ${BIG.facts}) i`;

const RUNS = `
  insert into runs
  select 'run-' || i, case when i % 1000 = 0 then 'rare' else 's' || i % 10 end, 'p', 'default', 'x', case
           when i % 5000 = 0 then 'failed' when i > ${BIG.runs - 50} then 'running' else 'succeeded' end,
         array['e' || i], ${at('i')}, i, '{"runId":"run-' || i || '","facts":[{"id":"e' || i || '"}],"executions":[]}'
    from generate_series(1, ${BIG.runs}) i`;

const DELIVERIES = `
  insert into deliveries (group_name, peer, id, seq, version, state, attempts, last_attempt_at, observed_at,
                          delivered_at, delivered_version, record_seq)
  select 'default', case when i % 1000 = 0 then 'rare' else 'east' end, 'e' || i, i, 1, case
           when i % 5000 = 1 then 'dead' when i % 5000 = 2 then 'failed' when i % 5000 = 3 then 'pending' else 'delivered' end,
         1, ${at('i')}, ${at('i')}, null, 1, i
    from generate_series(1, ${BIG.deliveries}) i`;

/** One source has had many generations, each of the others one; owners have few sources or many. */
const PARTS = `
  insert into parts (source, generation, owner, state, run_id, accepted_seq, created_at, updated_at, expires_at, body, last_seq)
  select 'EventSubscription/s' || i % 10 || '/' || i, 1, case when i % 1000 = 0 then 'rare' else 'EventSubscription/s' || i % 10 end,
         case when i % 500 = 0 then 'quarantined' else 'active' end, 'run-' || i, i, ${at('i')}, ${at('i')}, ${at('i')},
         '${PART_BODY}', i
    from generate_series(1, ${BIG.parts}) i
  union all
  select 'EventSubscription/s1/renewed', i, 'EventSubscription/s1', case
           when i % 5000 = 0 then 'withdrawn' when i % 10 = 0 then 'expired' else 'superseded' end,
         'run-' || i, i, ${at('i')}, ${at('i')}, ${at('i')}, '${PART_BODY}', i
    from generate_series(1, ${BIG.endedParts}) i`;

const GENERATIONS = `
  insert into generations (generation, at, since, cause_stream, cause_seq, revision, digest, resources, added, changed,
                           removed, quarantined, seq)
  select i, ${at('i')}, ${at('i')}, 'ACTIVITY', i, 1, md5(i::text), ${BIG.versionedResources}, 1, 0, 0, '[]', i
    from generate_series(1, ${BIG.generations}) i`;

/** Project of the i-th resource of load balancing, and what its scoped name begins with: one of a thousand is in `lab`. */
const PROJECT = `case when i % 1000 = 998 then 'lab' else 'default' end`;
const SCOPE = `case when i % 1000 = 998 then 'lab/' else '' end`;

const body = (kind: string, name: string, spec: string, project = `'default'`): string =>
  `'{"apiVersion":"${BALANCE_API}","kind":"${kind}","metadata":{"name":"' || ${name} || '","project":"' || ${project} || '"},"spec":${spec}}'`;

/** Each resource changes again and again, evenly over the generations; the source of one is renewed all the time. */
const VERSIONS = `
  insert into effective_versions (api_version, kind, project, name, from_generation, to_generation, part_source,
                                  part_generation, last_seq, body)
  select 'hybrid.routerd.net/v1alpha1', 'RemoteAddressClaim', 'default', 'v' || j, 1 + k * step + j * step / n,
         case when k < last then 1 + (k + 1) * step + j * step / n end,
         'EventSubscription/s' || case when j = 0 then '1/renewed' else j % 10 || '/' || j end, 1, k,
         ${body('RemoteAddressClaim', `'v' || j`, `{"version":' || k || '}`)}
    from (values (${BIG.versionedResources}, ${BIG.versions / BIG.versionedResources - 1},
                  ${(BIG.generations * BIG.versionedResources) / BIG.versions})) as size(n, last, step),
         generate_series(0, n - 1) j, generate_series(0, last) k`;

const EFFECTIVE = `
  insert into effective_resources
  select 'hybrid.routerd.net/v1alpha1', 'RemoteAddressClaim', 'default', 'c' || i, 'EventSubscription/s' || i % 10 || '/' || i, 1,
         null::bigint, 1, ${body('RemoteAddressClaim', `'c' || i`, '{}')}
    from generate_series(1, ${BIG.parts}) i
  union all
  select '${BALANCE_API}', 'Backend', ${PROJECT}, 'b' || i, null, null, 1, 1, ${body('Backend', `'b' || i`, '{}')}
    from generate_series(1, ${BIG.backends}) i
  union all
  select '${BALANCE_API}', 'HealthCheck', ${PROJECT}, 'h' || i, null, null, 1, 1, ${body('HealthCheck', `'h' || i`, '{}')}
    from generate_series(1, ${BIG.checks}) i
  union all
  select '${BALANCE_API}', 'Frontend', ${PROJECT}, 'f' || i, null, null, 1, 1, ${body('Frontend', `'f' || i`, `{"address":"10.9.' || i / 256 || '.' || i % 256 || '","pools":[{"name":"primary"}]}`)}
    from generate_series(1, ${BIG.frontends}) i
  union all
  select '${BALANCE_API}', 'LoadBalancer', ${PROJECT}, 'l' || i, null, null, 1, 1,
         ${body('LoadBalancer', `'l' || i`, `{"vipClaim":"vc' || i || '"}`, PROJECT)}
    from generate_series(1, ${BIG.listeners}) i
  union all
  select '${BALANCE_API}', 'VipClaim', ${PROJECT}, 'vc' || i, null, null, 1, 1, ${body('VipClaim', `'vc' || i`, '{}')}
    from generate_series(1, ${BIG.listeners}) i
  union all
  select '${BALANCE_API}', 'BackendSource', ${PROJECT}, 's' || i, null, null, 1, 1,
         ${body('BackendSource', `'s' || i`, '{"pool":"p1","file":{"path":"a"}}')}
    from generate_series(1, ${BIG.listeners}) i
  union all
  select '${BALANCE_API}', 'VipPool', 'default', 'v' || i, null, null, 1, 1,
         ${body('VipPool', `'v' || i`, `{"addresses":["10.' || i || '.0.0/16"]}`)}
    from generate_series(0, ${BIG.vipPools - 1}) i
  union all
  select '${BALANCE_API}', 'Pool', ${PROJECT}, 'p' || i, null, null, 1, 1, ${body('Pool', `'p' || i`, '{}')}
    from generate_series(1, ${BIG.listeners}) i
  union all
  select '${BALANCE_API}', 'Listener', ${PROJECT}, 'li' || i, null, null, 1, 1, ${body(
    'Listener',
    `'li' || i`,
    `{"loadBalancer":"l' || i || '","protocol":"tcp","port":80,"pools":["p' || i || '"]}`,
    PROJECT,
  )}
    from generate_series(1, ${BIG.listeners}) i
  union all
  select '${BALANCE_API}', 'Org', 'default', case when i = 0 then 'acme' else 'o' || i end, null, null, 1, 1,
         ${body('Org', `'o' || i`, '{}')}
    from generate_series(0, ${BIG.orgs}) i
  union all
  select '${BALANCE_API}', 'Project', 'default', case when i = 0 then 'lab' else 'pr' || i end, null, null, 1, 1,
         ${body('Project', `'pr' || i`, `{"org":"' || case when i % 100 = 0 then 'acme' else 'o' || i end || '"}`)}
    from generate_series(0, ${BIG.orgs}) i
  union all
  select '${BALANCE_API}', 'Quota', 'default', 'q' || i, null, null, 1, 1,
         ${body('Quota', `'q' || i`, `{' || case when i = 7 then '"project":"lab"' else '"org":"o' || i || '"' end || ',"limits":{"Pool":5}}`)}
    from generate_series(1, ${BIG.orgs}) i`;

const RESOURCES = `
  insert into resource_versions
  select '${BALANCE_API}', 'Backend', 'default', 'b' || i, 1, null::bigint, null, ${body('Backend', `'b' || i`, '{}')}
    from generate_series(1, ${BIG.backends}) i
  union all
  select '${CONFIG_SINK.apiVersion}', 'ConfigSink', 'default', 'k' || i, 1, null, null,
         ${body('ConfigSink', `'k' || i`, '{"natsKv":{"bucket":"edge"}}')}
    from generate_series(1, ${BIG.sinks}) i
  union all
  select 'example.org/v1', 'Thing', 'other', 'often', i, i + 1, null, '{}'
    from generate_series(1, ${BIG.oldResources}) i`;

const BACKENDS = `
  insert into backends
  select ${SCOPE} || 'b' || i, 1, i, case when i % 500 = 0 then 'removed' when i % 500 = 1 then 'down' else 'up' end, ${at('i')}, ${at('i')},
         '10.0.0.1', 'h' || i % ${BIG.checks}, '{}'
    from generate_series(1, ${BIG.backends}) i`;

const TRANSITIONS = `
  insert into backend_transitions
  select 'b' || i % 1000, i, i, ${at('i')}, 'up', 'down', '{}' from generate_series(1, ${BIG.transitions}) i`;

const FRONTENDS = `
  insert into frontends
  select ${SCOPE} || 'f' || i, 1, i, 'up', ${at('i')}, ${at('i')}, 'primary' from generate_series(1, ${BIG.frontends}) i
  union all
  select ${SCOPE} || 'li' || i, 1, i, 'up', ${at('i')}, ${at('i')}, 'p' || i from generate_series(1, ${BIG.listeners}) i`;

const TARGETS = `
  insert into frontend_targets (frontend, pool, backend, seq, since, weight, effective, flush, rule, why)
  select ${SCOPE} || 'f' || i, 'primary', ${SCOPE} || 'b' || i, i, ${at('i')}, 100, 100, false, 'active', ''
    from generate_series(1, ${BIG.backends}) i
  union all
  select ${SCOPE} || 'li' || i, 'p' || i, ${SCOPE} || 'b' || i, i, ${at('i')}, 100, 100, false, 'active', ''
    from generate_series(1, ${BIG.listeners}) i`;

/** Each frontend is served by two nodes. */
const NODES = `
  insert into nodes
  select 'n' || i, 1, i, 'sim', 'ready', ${at('i')}, ${at('i')}, null, 'e', 1, '{}', 'd', false, 1, 1, null from generate_series(1, ${BIG.nodes}) i`;

/** Each frontend has a VIP of its own, which two nodes announce. */
const NODE_VIPS = `
  insert into node_vips
  select 'n' || 1 + (i + second * 7) % ${BIG.nodes}, '10.9.' || i / 256 || '.' || i % 256, i, ${at('i')}, 'edge', 'bird',
         'announced', ${at('i')}, '["r1"]', null
    from generate_series(1, ${BIG.frontends}) i, generate_series(0, 1) second`;

const NODE_LISTENERS = `
  insert into node_listeners
  select 'n' || 1 + (i + second * 7) % ${BIG.nodes}, 'f' || i, i, ${at('i')}, 'applied', 1, '127.0.0.1', 80, 'd', 't', null, null
    from generate_series(1, ${BIG.frontends}) i, generate_series(0, 1) second`;

const VIP_ADDRESSES = `
  insert into vip_addresses
  select '10.' || i % ${BIG.vipPools} || '.' || i / 256 || '.' || i % 256, i, ${at('i')}, 'v' || i % ${BIG.vipPools}, ${PROJECT},
         case when i % 50 = 0 then 'quarantined' else 'leased' end, null, null, null, null
    from generate_series(1, ${BIG.listeners}) i`;

const VIP_HOLDERS = `
  insert into vip_holders
  select 'VipClaim', ${SCOPE} || 'vc' || i, i, ${at('i')}, ${PROJECT}, 'leased',
         '10.' || i % ${BIG.vipPools} || '.' || i / 256 || '.' || i % 256, 'v' || i % ${BIG.vipPools}, null, null
    from generate_series(1, ${BIG.listeners}) i`;

const SINKS = `
  insert into sinks
  select 'k' || i, 1, i, ${at('i')}, case when i % 500 = 0 then 'degraded' else 'applied' end, 1, 1, null, null, null
    from generate_series(1, ${BIG.sinks}) i`;

const SINK_APPLIES = `
  insert into sink_applies
  select 'k' || i % 100, i, i, ${at('i')}, 'applied', 1, null, null from generate_series(1, ${BIG.applies}) i`;

const SINK_INTENTS = `
  insert into sink_intents
  select 'k' || i, i, '{"paused":false}' from generate_series(1, ${BIG.sinks}) i`;

const DEAD_LETTERS = `
  insert into dead_letters
  select 1000 + i, case when i % 1000 = 0 then 'rare' else 'ingest' end, case when i % 1000 = 1 then 'rare' else 'bad-json' end,
         '', '', ${at('i')}, '{}', '{"data":""}'
    from generate_series(1, ${BIG.deadLetters}) i`;

/** Fills the tables as a big site has them, and lets Postgres count them. */
export async function fillBigSite(dataSource: DataSource): Promise<void> {
  const inserts = [FACTS, RUNS, DELIVERIES, PARTS, GENERATIONS, VERSIONS, EFFECTIVE, RESOURCES];
  inserts.push(BACKENDS, TRANSITIONS, FRONTENDS, TARGETS, NODES, NODE_LISTENERS, NODE_VIPS);
  inserts.push(VIP_ADDRESSES, VIP_HOLDERS, SINKS, SINK_APPLIES, SINK_INTENTS, DEAD_LETTERS);
  for (const insert of inserts) await dataSource.query(insert);
  await dataSource.query(`vacuum analyze ${[...LARGE_TABLES].join(', ')}, frontends, nodes`);
}
