import type { StreamMessage } from '@signalbox/bus';
import {
  type ChangeOrigin,
  decodeBackendIntent,
  decodeChangeset,
  decodeNodeDrain,
  decodeSinkIntent,
  decodeTokenRecord,
  decodeWeightOverride,
  DEFAULT_PROJECT,
  readScopedName,
  refOf,
  SUBJECTS,
  type TokenRecord,
} from '@signalbox/contracts';

/** One thing that a record of JOURNAL changes. */
export interface AuditEntry {
  readonly seq: number;
  /** Of the entries of a record, from 0. */
  readonly place: number;
  readonly at: string;
  readonly author: string;
  readonly from?: ChangeOrigin;
  readonly action: string;
  readonly apiVersion?: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  /** What of the thing, when it has several that are changed each by itself; else empty. */
  readonly part: string;
  readonly reason: string;
  /** How it is from now on; absent: a resource, whose versions are kept elsewhere, or it is gone. */
  readonly detail?: object;
}

type Told = Omit<AuditEntry, 'seq' | 'place'>;

/** How the subjects of each kind of record begin, and what it changes. */
const READERS: readonly (readonly [string, (data: Uint8Array) => readonly Told[]])[] = [
  [SUBJECTS.resources, ofChangeset],
  [SUBJECTS.token, ofToken],
  [SUBJECTS.allBackendJournal.slice(0, -1), ofBackend],
  [SUBJECTS.allFrontendJournal.slice(0, -1), ofWeight],
  [SUBJECTS.allNodeJournal.slice(0, -1), ofDrain],
  [SUBJECTS.allSinkJournal.slice(0, -1), ofSink],
];

/** What a record changes. Of a kind that is not known: that there was one. Throws `poison-message`. */
export function auditEntries({ seq, subject, data, time }: StreamMessage): AuditEntry[] {
  const read = READERS.find(([prefix]) => subject.startsWith(prefix))?.[1];
  const told = read?.(data) ?? [
    {
      ...{ at: new Date(time).toISOString(), author: 'unknown', action: 'recorded', kind: subject },
      ...{ project: DEFAULT_PROJECT, name: '', part: '', reason: '' },
    },
  ];
  return told.map((entry, place) => ({ ...entry, seq, place }));
}

function ofChangeset(data: Uint8Array): Told[] {
  const { author, at, message: reason, from, changes } = decodeChangeset(data);
  return changes.map((change) => {
    const { apiVersion, kind, project, name } = change.op === 'put' ? refOf(change.resource) : change.ref;
    const action = change.op === 'put' ? 'apply' : 'delete';
    return { at, author, ...(from && { from }), action, apiVersion, kind, project, name, part: '', reason };
  });
}

/** Members of records of tokens that came later, and are not in all of them. */
interface TokenNews {
  readonly author?: string;
  readonly from?: ChangeOrigin;
  readonly reason?: string;
}

function ofToken(data: Uint8Array): Told[] {
  const record: TokenRecord & TokenNews = decodeTokenRecord(data);
  const { author = 'unknown', from, reason = '' }: TokenNews = record;
  const { type: action, id: name, at, ...rest } = record;
  const detail = Object.fromEntries(
    Object.entries(rest).filter(([member]) => !['hash', 'author', 'from', 'reason'].includes(member)),
  );
  return [
    {
      ...{
        at,
        author,
        ...(from && { from }),
        action,
        kind: 'Token',
        project: DEFAULT_PROJECT,
        name,
        part: '',
        reason,
      },
      ...(Object.keys(detail).length > 0 && { detail }),
    },
  ];
}

function ofBackend(data: Uint8Array): Told[] {
  const { backend, intent, configEnabled, at, author, reason = '', from } = decodeBackendIntent(data);
  const who = { at, author, ...(from && { from }), reason };
  return [
    {
      ...who,
      action: intent,
      kind: 'Backend',
      ...readScopedName(backend),
      part: '',
      detail: { intent, configEnabled },
    },
  ];
}

function ofWeight(data: Uint8Array): Told[] {
  const override = decodeWeightOverride(data);
  const { type, frontend, pool, backend, at, author, reason = '', from } = override;
  const about = {
    kind: 'Frontend',
    ...readScopedName(frontend),
    part: `${pool}/${readScopedName(backend).name}`,
  };
  const who = { at, author, ...(from && { from }), reason };
  if (type === 'cleared') return [{ ...who, ...about, action: 'weight-cleared' }];
  const { weight, expiresAt } = override;
  return [
    {
      ...who,
      ...about,
      action: 'weight-set',
      detail: { weight, ...(expiresAt !== undefined && { expiresAt }) },
    },
  ];
}

function ofDrain(data: Uint8Array): Told[] {
  const { node: name, drained, at, author, reason = '', from } = decodeNodeDrain(data);
  const action = drained ? 'drain' : 'undrain';
  const who = { at, author, ...(from && { from }), reason };
  return [{ ...who, action, kind: 'Node', project: DEFAULT_PROJECT, name, part: '', detail: { drained } }];
}

function ofSink(data: Uint8Array): Told[] {
  const { sink: name, paused, at, author, reason, from } = decodeSinkIntent(data);
  const action = paused ? 'pause' : 'resume';
  const who = { at, author, ...(from && { from }), reason };
  return [
    { ...who, action, kind: 'ConfigSink', project: DEFAULT_PROJECT, name, part: '', detail: { paused } },
  ];
}
