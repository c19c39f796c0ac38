import { CodedError } from '../errors.js';
import { compileSchema } from '../schema/compile.js';
import type { Schema } from '../schema/shape.js';
import { parseStrictJson } from '../strict-json.js';
import type { BackendIntent, BackendRecord } from './backend-record.js';
import type { DeadLetter } from './dead-letter.js';
import type { DeliveryRecord } from './delivery-record.js';
import type { FactRecord, IntakeRecord } from './fact-record.js';
import type { FrontendRecord, WeightOverride } from './frontend-record.js';
import type { Changeset, TokenRecord } from './journal-record.js';
import type { LeaderLease } from '../node-state/leader-lease.js';
import type { NodeDrain } from './node-drain.js';
import type { NodeAnnouncements } from '../node-state/node-announcements.js';
import type { NodeManifest } from '../node-state/node-manifest.js';
import type { NodeRecord } from '../node-state/node-record.js';
import * as nodes from '../node-state/node-schemas.js';
import type { NodeListener } from '../node-state/node-state.js';
import type { MatchRecord } from './match-record.js';
import type { RetentionRecord } from './retention-record.js';
import type { AuditSeal } from './audit-seal.js';
import type { CompactionRecord, SnapshotRecord } from './snapshot-record.js';
import type { ConfigRecord, RecordBatch } from './record-batch.js';
import type { RefusedRecord } from './refused-record.js';
import type { RunRecord } from './run-record.js';
import * as balance from './balance-schemas.js';
import * as schemas from './schemas.js';
import type { SinkIntent, SinkRecord } from './sink-record.js';
import * as sinks from './sink-schemas.js';
import type { VipRecord } from './vip-record.js';
import type { Watermark } from './watermark.js';

/**
 * Readers of every record: strict (D14), because a record that is read wrongly is worse than one that is not read.
 * Each throws `poison-message` that says what and where: bytes that are no UTF-8, text that is no JSON, a member name
 * given twice, a member that is missing, unknown or of another type. Schemas are compiled on first use.
 */
export const decodeFactRecord = decoder<FactRecord>('FactRecord', schemas.FACT_RECORD);
export const decodeIntakeRecord = decoder<IntakeRecord>('IntakeRecord', schemas.INTAKE_RECORD);
export const decodeChangeset = decoder<Changeset>('Changeset', schemas.CHANGESET);
export const decodeTokenRecord = decoder<TokenRecord>('TokenRecord', schemas.TOKEN_RECORD);
export const decodeRunBatch = decoder<RecordBatch<RunRecord>>('RunBatch', schemas.RUN_BATCH);
export const decodeConfigBatch = decoder<RecordBatch<ConfigRecord>>('ConfigBatch', schemas.CONFIG_BATCH);
export const decodeMatchRecord = decoder<MatchRecord>('MatchRecord', schemas.MATCH_RECORD);
export const decodeRetentionRecord = decoder<RetentionRecord>('RetentionRecord', schemas.RETENTION_RECORD);
export const decodeSnapshotRecord = decoder<SnapshotRecord>('SnapshotRecord', schemas.SNAPSHOT_RECORD);
export const decodeCompactionRecord = decoder<CompactionRecord>(
  'CompactionRecord',
  schemas.COMPACTION_RECORD,
);
export const decodeAuditSeal = decoder<AuditSeal>('AuditSeal', schemas.AUDIT_SEAL);
export const decodeRefusedRecord = decoder<RefusedRecord>('RefusedRecord', schemas.REFUSED_RECORD);
export const decodeDeliveryRecord = decoder<DeliveryRecord>('DeliveryRecord', schemas.DELIVERY_RECORD);
export const decodeBackendRecord = decoder<BackendRecord>('BackendRecord', balance.BACKEND_RECORD);
export const decodeBackendIntent = decoder<BackendIntent>('BackendIntent', balance.BACKEND_INTENT);
export const decodeFrontendRecord = decoder<FrontendRecord>('FrontendRecord', balance.FRONTEND_RECORD);
export const decodeWeightOverride = decoder<WeightOverride>('WeightOverride', balance.WEIGHT_OVERRIDE);
export const decodeNodeDrain = decoder<NodeDrain>('NodeDrain', balance.NODE_DRAIN);
export const decodeVipBatch = decoder<RecordBatch<VipRecord>>('VipBatch', balance.VIP_BATCH);
export const decodeNodeListener = decoder<NodeListener>('NodeListener', nodes.NODE_LISTENER);
export const decodeNodeAnnouncements = decoder<NodeAnnouncements>(
  'NodeAnnouncements',
  nodes.NODE_ANNOUNCEMENTS,
);
export const decodeLeaderLease = decoder<LeaderLease>('LeaderLease', nodes.LEADER_LEASE);
export const decodeNodeManifest = decoder<NodeManifest>('NodeManifest', nodes.NODE_MANIFEST);
export const decodeNodeRecord = decoder<NodeRecord>('NodeRecord', nodes.NODE_RECORD);
export const decodeSinkRecord = decoder<SinkRecord>('SinkRecord', sinks.SINK_RECORD);
export const decodeSinkIntent = decoder<SinkIntent>('SinkIntent', sinks.SINK_INTENT);
export const decodeDeadLetter = decoder<DeadLetter>('DeadLetter', schemas.DEAD_LETTER);
export const decodeWatermark = decoder<Watermark>('Watermark', schemas.WATERMARK);

function decoder<T>(name: string, schema: Schema): (data: Uint8Array) => T {
  const check = compileSchema(schema, 'first');
  return (data) => {
    const value = readJson(name, data);
    const errors = check(value);
    const [first] = errors;
    if (first)
      throw new CodedError(
        'poison-message',
        `${name} ${first.pointer || 'as a whole'} ${first.message}`,
        errors,
      );
    return value as T;
  };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readJson(name: string, data: Uint8Array): unknown {
  try {
    return parseStrictJson(UTF8.decode(data));
  } catch (error) {
    const problem = error instanceof SyntaxError ? error.message : 'the bytes are not UTF-8';
    throw new CodedError('poison-message', `${name} is not JSON: ${problem}`, [], { cause: error });
  }
}
