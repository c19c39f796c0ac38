import { sha256FirstByte, sha256Hex } from './canonical-json.js';

/** Streams of a site. `FACTS_<group>` exists once per group. Architecture section 5. */
export const STREAMS = {
  intake: 'INTAKE',
  journal: 'JOURNAL',
  activity: 'ACTIVITY',
  dead: 'DEAD',
  audit: 'AUDIT',
} as const;

/** How many partitions the fact subject has: room to scale, not used for reading today. */
export const FACT_PARTITIONS = 16;

const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/;

/**
 * Subject token of a resource name: the name itself when it is a DNS label (upper case and `_` allowed),
 * else `x-` + 16 hex of its sha256. Names of that very shape are hashed as well, so two names never share a token.
 */
export function subjectToken(name: string): string {
  return LABEL.test(name) && !/^x-[0-9a-f]{16}$/.test(name) ? name : `x-${sha256Hex(name).slice(0, 16)}`;
}

/** Stream name of a group's facts. */
export function factsStream(group: string): string {
  return `FACTS_${group}`;
}

/** Group of a facts stream name, or undefined when the name is another stream. */
export function groupOfStream(stream: string): string | undefined {
  return stream.startsWith('FACTS_') ? stream.slice('FACTS_'.length) : undefined;
}

/** Subject of an accepted fact. `own`: this site originated it, so it may be pushed to peers. */
export function factSubject(group: string, own: boolean, factKey: string, type: string): string {
  return `facts.${group}.${own ? 'own' : 'peer'}.${sha256FirstByte(factKey) % FACT_PARTITIONS}.${type}`;
}

/** All subjects of the site, by what they carry. */
export const SUBJECTS = {
  intake: 'events.>',
  emit: 'emit.>',
  facts: (group: string) => `facts.${group}.>`,
  /** `type` may have wildcards. */
  factsOfType: (group: string, type: string) => `facts.${group}.*.*.${type}`,
  ownFacts: (group: string) => `facts.${group}.own.>`,
  resources: 'journal.resources',
  token: 'journal.token',
  /** Which runs shall be made, and which are not: `matcher`. */
  plans: 'activity.run.plan',
  /** What a subscription derived ends: `matcher`. */
  withdrawals: 'activity.run.withdrawal',
  /** What BackendSources bring, and that they are gone: `balancer`. */
  discoveries: 'activity.run.discovery',
  /** What became of the runs: `plugin-runner`. */
  executions: 'activity.run.execution',
  allRunActivity: 'activity.run.>',
  /** Parts, and the effective config that follows from them: `renderer`. Of what `health` and `balancer` read: `trafficConfig`. */
  config: 'activity.config.other',
  trafficConfig: 'activity.config.traffic',
  allConfig: 'activity.config.*',
  /** Rows of a projection, which stand for the records that made them: its owner. */
  snapshot: (projection: string) => `activity.snapshot.${projection}`,
  /** What JOURNAL was when it was looked at: `api`. ADR 0047. */
  seals: 'audit.seal',
  /** What callers were refused: every process with REST routes. ADR 0047. */
  refused: 'activity.refused',
  /** Which records of ACTIVITY are no longer kept: `api`. */
  compaction: 'activity.compaction',
  /** Which facts are no longer kept: `ingest`. */
  retention: (group: string) => `activity.retention.${group}`,
  matchActivity: (group: string) => `activity.match.${group}`,
  intakeActivity: (group: string) => `activity.intake.${group}`,
  deliveryActivity: (group: string, peer: string) => `activity.delivery.${group}.${subjectToken(peer)}`,
  backendActivity: (backend: string) => `activity.backend.${subjectToken(backend)}`,
  allBackendActivity: 'activity.backend.>',
  backendJournal: (backend: string) => `journal.backend.${subjectToken(backend)}`,
  allBackendJournal: 'journal.backend.>',
  frontendActivity: (frontend: string) => `activity.frontend.${subjectToken(frontend)}`,
  allFrontendActivity: 'activity.frontend.>',
  frontendJournal: (frontend: string) => `journal.frontend.${subjectToken(frontend)}`,
  allFrontendJournal: 'journal.frontend.>',
  /** Who has which VIP, and who waits for one: `balancer`. */
  vips: 'activity.vip',
  /** How each sink stands: `sinks`. */
  sinkActivity: (sink: string) => `activity.sink.${subjectToken(sink)}`,
  allSinkActivity: 'activity.sink.>',
  sinkJournal: (sink: string) => `journal.sink.${subjectToken(sink)}`,
  allSinkJournal: 'journal.sink.>',
  nodeActivity: (node: string) => `activity.node.${subjectToken(node)}`,
  allNodeActivity: 'activity.node.>',
  nodeJournal: (node: string) => `journal.node.${subjectToken(node)}`,
  allNodeJournal: 'journal.node.>',
  /** A heartbeat of a backend with a `push` check. */
  heartbeat: (backend: string) => `heartbeat.${subjectToken(backend)}`,
  allHeartbeats: 'heartbeat.*',
  dead: (service: string, code: string) => `dead.${service}.${code}`,
  watermark: (service: string) => `watermark.${service}`,
  /** Somebody waits for marks: every service tells its newest, and new ones for a while. */
  watermarkWanted: 'watermark.wanted',
  alive: (service: string) => `alive.${service}`,
  ask: (service: string, question: string) => `ask.${service}.${question}`,
  /** A question to the agent of one node; without it, {@link SUBJECTS.ask} asks all agents. */
  askNode: (node: string, question: string) => `ask.dataplane-agent.${subjectToken(node)}.${question}`,
  command: (service: string, command: string) => `cmd.${service}.${command}`,
} as const;

/** Owner, and source, of the part of a BackendSource, by its scoped name. */
export function sourceOwner(name: string): string {
  return `BackendSource/${name}`;
}

/** Owner of the runs and parts of a subscription, as it stands in sources and annotations. */
export function subscriptionOwner(subscription: string): string {
  return `EventSubscription/${subscription}`;
}

/** Owner, and source, of the part of a plugin that runs on its own account. */
export function pluginOwner(plugin: string): string {
  return `Plugin/${plugin}`;
}

/** Owner, and source, of the part of a plugin that a DynamicConfigSource binds. */
export function configSourceOwner(configSource: string): string {
  return `DynamicConfigSource/${configSource}`;
}
