import {
  BOUNDS,
  factsStream,
  LEADERS_STREAM,
  leaderSubject,
  NODES_STREAM,
  nodeSubject,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import {
  DiscardPolicy,
  type JetStreamManager,
  nanos,
  NatsError,
  RetentionPolicy,
  type StreamConfig,
  StorageType,
  type StreamInfo,
} from 'nats';

/** The server knows a message that is sent again for so long. Milliseconds. */
const DUPLICATE_WINDOW_MS = 120_000;

type Definition = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>;

function defined(definition: Definition): Definition {
  return {
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    num_replicas: 1,
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    ...definition,
  };
}

/** The site's streams as code (architecture section 5); reconciled at start by the apps that write them. */
export const STREAM_DEFINITIONS = {
  intake: defined({
    name: STREAMS.intake,
    subjects: [SUBJECTS.intake],
    retention: RetentionPolicy.Workqueue,
    duplicate_window: nanos(100),
    max_bytes: BOUNDS.intakeBytes,
    discard: DiscardPolicy.New,
  }),
  journal: defined({
    name: STREAMS.journal,
    subjects: ['journal.>'],
    deny_delete: true,
    deny_purge: true,
    allow_direct: true,
  }),
  /** Seals of the journal, so that revisions of people are not spread by them. ADR 0047. */
  audit: defined({
    name: STREAMS.audit,
    subjects: ['audit.>'],
    deny_delete: true,
    deny_purge: true,
    allow_direct: true,
  }),
  activity: defined({ name: STREAMS.activity, subjects: ['activity.>'], allow_direct: true }),
  dead: defined({
    name: STREAMS.dead,
    subjects: ['dead.>'],
    max_bytes: BOUNDS.deadBytes,
    max_age: nanos(BOUNDS.deadAgeMs),
    discard: DiscardPolicy.Old,
    allow_direct: true,
  }),
  /** A bucket as the KV client of `nats` 2.29 makes it: one value for each key. */
  nodes: defined({
    name: NODES_STREAM,
    subjects: [nodeSubject('>')],
    max_msgs_per_subject: 1,
    max_bytes: BOUNDS.nodesBytes,
    discard: DiscardPolicy.New,
    deny_delete: true,
    allow_rollup_hdrs: true,
    allow_direct: true,
  }),
  /** A bucket of leases: their times count in the nodes, so nothing here ends by itself. ADR 0043. */
  leaders: defined({
    name: LEADERS_STREAM,
    subjects: [leaderSubject('>')],
    max_msgs_per_subject: 1,
    max_bytes: BOUNDS.leadersBytes,
    discard: DiscardPolicy.New,
    deny_delete: true,
    allow_rollup_hdrs: true,
    allow_direct: true,
  }),
} as const;

/** Bounds that an operator may configure here instead of at the stream; absent: as the stream has it. */
export interface StreamBounds {
  readonly intakeBytes?: number;
  readonly deadBytes?: number;
  readonly deadAgeMs?: number;
}

/** A stream with the bounds that are configured, and which settings of it these are: for {@link ensureStream}. */
export function boundedStream(
  key: keyof typeof STREAM_DEFINITIONS,
  { intakeBytes, deadBytes, deadAgeMs }: StreamBounds,
): { readonly definition: Definition; readonly configured: readonly (keyof StreamConfig)[] } {
  const bytes = key === 'intake' ? intakeBytes : key === 'dead' ? deadBytes : undefined;
  const ageMs = key === 'dead' ? deadAgeMs : undefined;
  const bounds = {
    ...(bytes !== undefined && { max_bytes: bytes }),
    ...(ageMs !== undefined && { max_age: nanos(ageMs) }),
  };
  return {
    definition: { ...STREAM_DEFINITIONS[key], ...bounds },
    configured: Object.keys(bounds) as (keyof StreamConfig)[],
  };
}

/** The app that keeps each of them as it is defined here. Streams of facts are `ingest`'s. */
export const STREAM_KEEPERS: Readonly<Record<keyof typeof STREAM_DEFINITIONS, string>> = {
  intake: 'ingest',
  journal: 'api',
  audit: 'api',
  activity: 'api',
  dead: 'api',
  nodes: 'balancer',
  leaders: 'balancer',
};

/**
 * The stream of one group's facts: full means new facts are refused, never that old ones vanish. `maxBytes`: the one bound
 * that an operator may configure here instead of at the stream, see {@link ensureStream}.
 */
export function factsDefinition(group: string, maxBytes: number = BOUNDS.factsBytes): Definition {
  return defined({
    name: factsStream(group),
    subjects: [SUBJECTS.facts(group)],
    max_bytes: maxBytes,
    discard: DiscardPolicy.New,
    allow_direct: true,
  });
}

/**
 * Settings that what we do with a stream rests on: they are brought back when somebody changed them. All others (copies,
 * placement, bounds, description, …) are given to a new stream and the operator's from then on.
 */
const OURS = [
  'subjects',
  'retention',
  'discard',
  'duplicate_window',
  'deny_delete',
  'deny_purge',
  'allow_direct',
  'allow_rollup_hdrs',
  'max_msgs_per_subject',
] as const;

/** Where it is told what was changed of a stream. */
export interface StreamLog {
  info(fields: object, message: string): void;
}

/**
 * Creates the stream, or brings settings of ours back that differ, with a line for each; and those that are `configured`, whose
 * values in the definition an operator chose.
 */
export async function ensureStream(
  manager: JetStreamManager,
  definition: Definition,
  log: StreamLog,
  configured: readonly (keyof StreamConfig)[] = [],
): Promise<StreamInfo> {
  const found = await streamInfo(manager, definition.name);
  if (!found)
    return configured.length > 0 ? manager.streams.add(definition) : addFitting(manager, definition, log);
  const changes = changesOf(found.config, definition, configured);
  if (changes.length === 0) return found;
  const wanted = Object.fromEntries(changes.map(({ field, to }) => [field, to]));
  const updated = await manager.streams.update(definition.name, wanted);
  for (const change of changes)
    log.info({ stream: definition.name, ...change }, 'a setting of a stream was brought back');
  return updated;
}

interface Change {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

function changesOf(
  now: StreamConfig,
  definition: Definition,
  configured: readonly (keyof StreamConfig)[],
): Change[] {
  return [...OURS, ...configured]
    .filter((field) => definition[field] !== undefined)
    .map((field) => ({ field, from: now[field], to: definition[field] }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));
}

/** The stream as it stands, made when it is missing: for those who read it, because its settings are its writer's. */
export async function existingStream(manager: JetStreamManager, definition: Definition): Promise<StreamInfo> {
  return (await streamInfo(manager, definition.name)) ?? addFitting(manager, definition);
}

/** A stream that may hold less than this is none. Bytes. */
const LEAST_BYTES = 1024 * 1024;
const STORAGE_EXCEEDED = 10047;

/**
 * Makes a stream. A server sets aside what a stream may hold: where its disk has no room for that, the stream gets a quarter,
 * until it fits, so that a site starts on a small disk.
 */
async function addFitting(
  manager: JetStreamManager,
  definition: Definition,
  log?: StreamLog,
): Promise<StreamInfo> {
  for (let maxBytes = definition.max_bytes; ; maxBytes = Math.floor((maxBytes ?? 0) / 4)) {
    try {
      const made = await manager.streams.add(
        maxBytes === undefined ? definition : { ...definition, max_bytes: maxBytes },
      );
      if (maxBytes !== definition.max_bytes)
        log?.info({ stream: definition.name, maxBytes }, 'NATS has little room: the stream may hold less');
      return made;
    } catch (error) {
      const isTooMuch = error instanceof NatsError && error.api_error?.err_code === STORAGE_EXCEEDED;
      if (!isTooMuch || maxBytes === undefined || maxBytes / 4 < LEAST_BYTES) throw error;
    }
  }
}

/** State of a stream, or undefined when there is none of this name. */
export async function streamInfo(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** How full a stream is. */
export interface StreamFill {
  readonly name: string;
  readonly messages: number;
  readonly bytes: number;
  /** -1 without a bound. */
  readonly maxBytes: number;
}

/** How full every stream of the site is. */
export async function streamFills(manager: JetStreamManager): Promise<StreamFill[]> {
  const fills: StreamFill[] = [];
  for await (const { config, state } of manager.streams.list())
    fills.push({
      name: config.name,
      messages: state.messages,
      bytes: state.bytes,
      maxBytes: config.max_bytes,
    });
  return fills;
}

/** Whether JetStream said that the thing does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof NatsError && (error.api_error?.code === 404 || error.code === '404');
}
