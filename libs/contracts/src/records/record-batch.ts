import { BALANCE_API } from '../kinds/balance/specs.js';
import { sourceOwner, SUBJECTS } from '../subjects.js';
import type { EffectiveRecord } from './effective-record.js';
import type { Cause, PartRecord } from './part-record.js';

/**
 * One message of `activity.run.<what>` and of `activity.config.<what>`: the records that one writer decided together, in the
 * order in which they count. What happens together is one message (ADR 0008).
 */
export interface RecordBatch<R> {
  readonly records: readonly R[];
}

/** Where a record stands: its message, and its place among the records of the message, from 0. */
export interface RecordPlace {
  readonly seq: number;
  readonly index: number;
}

/** What `renderer` decides: about parts, and the next generation of the effective config that follows. */
export type ConfigRecord = PartRecord | EffectiveRecord;

/**
 * Where these records are appended: generations that change what balances traffic have readers of their own, who also want to
 * know what became of the parts of BackendSources.
 */
export function configSubjectOf(records: readonly ConfigRecord[]): string {
  return records.some(changesTraffic) ? SUBJECTS.trafficConfig : SUBJECTS.config;
}

/** Whether a message holds {@link ConfigRecord}s. */
export function isConfigSubject(subject: string): boolean {
  return subject === SUBJECTS.config || subject === SUBJECTS.trafficConfig;
}

function changesTraffic(record: ConfigRecord): boolean {
  if (record.type !== 'generation') return sourceOfPart(record) !== undefined;
  const { added, changed, removed } = record;
  return (
    removed.some(({ apiVersion }) => apiVersion === BALANCE_API) ||
    [...added, ...changed].some(({ resource }) => resource.apiVersion === BALANCE_API)
  );
}

/** Scoped name of the BackendSource that a part record is about; undefined when it is about a run of a plugin. */
export function sourceOfPart(record: PartRecord): string | undefined {
  const owner = record.type === 'accepted' ? record.part.owner : record.owner;
  return owner.startsWith(SOURCE_OWNER) ? owner.slice(SOURCE_OWNER.length) : undefined;
}

const SOURCE_OWNER = sourceOwner('');

/** Where the record stands that something was derived from. */
export function placeOf({ seq, index = 0 }: Cause): RecordPlace {
  return { seq, index };
}

/** Whether a record stands after another one of the same stream. */
export function isAfter(a: RecordPlace, b: RecordPlace): boolean {
  return a.seq > b.seq || (a.seq === b.seq && a.index > b.index);
}
