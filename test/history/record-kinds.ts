import { bucketStream, STREAMS, SUBJECTS } from '@signalbox/contracts';
import * as decoders from '../../libs/contracts/src/records/decode.js';
import * as schemas from '../../libs/contracts/src/records/schemas.js';
import { SINK_INTENT, SINK_RECORD } from '../../libs/contracts/src/records/sink-schemas.js';
import type { Schema } from '../../libs/contracts/src/schema/shape.js';

/** A kind of record whose shape is frozen: what is stored under these subjects has to stay readable. */
export interface RecordKind {
  /** Of its decoder, without `decode`. */
  readonly name: string;
  /** How its subjects begin. */
  readonly prefix: string;
  readonly schema: Schema;
  readonly decode: (data: Uint8Array) => unknown;
}

/** The records of the chain from fact to effective config, and on to where sinks bring it. */
export const FROZEN: readonly RecordKind[] = [
  kind('Changeset', SUBJECTS.resources, schemas.CHANGESET, decoders.decodeChangeset),
  kind('TokenRecord', SUBJECTS.token, schemas.TOKEN_RECORD, decoders.decodeTokenRecord),
  kind('FactRecord', 'facts.', schemas.FACT_RECORD, decoders.decodeFactRecord),
  kind('IntakeRecord', SUBJECTS.intakeActivity(''), schemas.INTAKE_RECORD, decoders.decodeIntakeRecord),
  kind('MatchRecord', SUBJECTS.matchActivity(''), schemas.MATCH_RECORD, decoders.decodeMatchRecord),
  kind('RunBatch', SUBJECTS.allRunActivity.slice(0, -1), schemas.RUN_BATCH, decoders.decodeRunBatch),
  kind('ConfigBatch', SUBJECTS.allConfig.slice(0, -1), schemas.CONFIG_BATCH, decoders.decodeConfigBatch),
  kind('DeliveryRecord', 'activity.delivery.', schemas.DELIVERY_RECORD, decoders.decodeDeliveryRecord),
  kind('SinkRecord', SUBJECTS.allSinkActivity.slice(0, -1), SINK_RECORD, decoders.decodeSinkRecord),
  kind('SinkIntent', SUBJECTS.allSinkJournal.slice(0, -1), SINK_INTENT, decoders.decodeSinkIntent),
  kind('RetentionRecord', SUBJECTS.retention(''), schemas.RETENTION_RECORD, decoders.decodeRetentionRecord),
  kind('SnapshotRecord', SUBJECTS.snapshot(''), schemas.SNAPSHOT_RECORD, decoders.decodeSnapshotRecord),
  kind('CompactionRecord', SUBJECTS.compaction, schemas.COMPACTION_RECORD, decoders.decodeCompactionRecord),
  kind('DeadLetter', 'dead.', schemas.DEAD_LETTER, decoders.decodeDeadLetter),
];

/**
 * Decoders of what is not frozen: the records of health and balance, and marks and states of nodes, which no stream of
 * records holds.
 */
export const NOT_FROZEN = [
  ...[
    'BackendRecord',
    'BackendIntent',
    'FrontendRecord',
    'WeightOverride',
    'NodeRecord',
    'NodeDrain',
    'RefusedRecord',
    'AuditSeal',
    'VipBatch',
  ],
  ...['NodeListener', 'NodeManifest', 'NodeAnnouncements', 'LeaderLease', 'Watermark'],
];

/** How subjects begin whose records are not frozen yet. */
const NOT_YET = [
  'activity.backend.',
  'activity.frontend.',
  'activity.node.',
  'activity.refused',
  'activity.vip',
  'journal.backend.',
  'journal.frontend.',
  'journal.node.',
  'audit.',
];

/** Every decoder that there is, by the name of what it reads. */
export const DECODERS: readonly string[] = Object.keys(decoders).map((name) => name.replace(/^decode/, ''));

/** The kind of what is stored under a subject; undefined when it is none that is frozen. */
export function kindOf(subject: string): RecordKind | undefined {
  return FROZEN.find(({ prefix }) => subject.startsWith(prefix));
}

/** Whether records under a subject are said not to be frozen yet. */
export function isNotFrozen(subject: string): boolean {
  return NOT_YET.some((prefix) => subject.startsWith(prefix));
}

/** Subjects of records that are neither frozen nor said not to be: one for each entry of {@link SUBJECTS}. */
export function unclassifiedSubjects(): string[] {
  const subjects = Object.values(SUBJECTS).map((subject) =>
    typeof subject === 'string' ? subject : (subject as (...tokens: string[]) => string)('a', 'b'),
  );
  const stored = subjects.filter((subject) => /^(?:journal|activity|facts|dead)\./.test(subject));
  return stored.filter((subject) => !kindOf(subject) && !isNotFrozen(subject));
}

/** Streams whose messages are records. INTAKE holds what clients sent until it is read, a bucket what is wanted of nodes or what a sink wrote. */
export function holdsRecords(stream: string): boolean {
  return stream !== STREAMS.intake && !stream.startsWith(bucketStream(''));
}

function kind(
  name: string,
  prefix: string,
  schema: Schema,
  decode: (data: Uint8Array) => unknown,
): RecordKind {
  return { name, prefix, schema, decode };
}
