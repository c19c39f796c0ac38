import {
  type ConfigRecord,
  type EffectiveRecord,
  type Part,
  type PartRef,
  refKey,
  refOf,
  type Resource,
  type ResourceRef,
} from '@signalbox/contracts';
import { storable } from '../json-rows.js';

/** What the table says of a part before the records are folded. */
export interface KnownPart extends PartRef {
  readonly state: string;
  readonly reason: string | null;
}

/** A part that a record accepted. */
export interface NewPart {
  readonly part: Part;
  /** Sequence of the message that accepted it. */
  readonly seq: number;
  readonly at: string;
}

/** What became of a part. */
export interface PartChange extends PartRef {
  readonly state: string;
  readonly reason: string | null;
  readonly at: string;
  /** Sequence of the message that said so. */
  readonly lastSeq: number;
}

/** One resource of the effective config as it is put. */
export interface EffectiveRow {
  readonly api_version: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  readonly part_source: string | null;
  readonly part_generation: number | null;
  readonly revision: number | null;
  readonly generation: number;
  readonly body: string;
}

/** The newest text of a resource, for the row that `part_source` holds. */
export type RenewedRow = Omit<EffectiveRow, 'generation' | 'revision'>;

/** One version of a resource of the effective config, and the generations [from, to) in which it stands. */
export interface VersionRow extends Omit<EffectiveRow, 'generation'> {
  readonly from_generation: number;
  /** Null while it stands. */
  readonly to_generation: number | null;
  /** Sequence of the message that ended it; while it stands, of the one that brought it. */
  readonly last_seq: number;
}

/** What ends the version that the table has open. */
export type VersionEnd = ResourceColumns & Pick<VersionRow, 'last_seq'> & { readonly to_generation: number };

/** One generation, its chunks added up. */
export interface GenerationRow {
  readonly generation: number;
  /** Of its last chunk. */
  readonly seq: number;
  readonly at: string;
  /** The newest `at` so far: since when it is in force, by a clock that never goes back. */
  readonly since: string;
  /** Its last chunk is there. */
  readonly complete: boolean;
  readonly cause_stream: string;
  readonly cause_seq: number;
  readonly revision: number;
  readonly digest: string;
  readonly resources: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly quarantined: string;
  readonly suppressed: string;
}

interface PartState extends PartRef {
  state: string;
  reason: string | null;
  at: string;
  lastSeq: number;
  isChanged: boolean;
  readonly accepted?: NewPart;
}

type When = Pick<PartState, 'at' | 'lastSeq'>;

/** Versions of one resource as they follow from a batch. */
interface Versions {
  /** What ends the version that was open before. */
  end: VersionEnd;
  /** Those that began, by their generation. */
  readonly begun: Map<number, VersionRow>;
  /** Generation of the one that is open. */
  open?: number | undefined;
}

/** Parts that stand in the effective config or are held back. */
const LIVE = ['active', 'quarantined'];

/**
 * Folds records of `activity.config.*` into what has to be written, so that a batch costs a constant number of statements.
 * `known`: the live parts of every source that is accepted, and every part that a record names, as the tables have them
 * ({@link namedParts}).
 */
export class PartsFold {
  private readonly parts = new Map<string, PartState>();
  private readonly bySource = new Map<string, Set<PartState>>();
  private readonly put = new Map<string, EffectiveRow>();
  private readonly removed = new Map<string, ResourceColumns>();
  /** By resource, then by the source that must hold it. */
  private readonly renewed = new Map<string, Map<string, RenewedRow>>();
  private readonly numbered = new Map<number, GenerationRow>();
  private readonly versions = new Map<string, Versions>();
  private since = '';

  constructor(known: readonly KnownPart[]) {
    for (const { source, generation, state, reason } of known)
      this.add({ source, generation, state, reason, at: '', lastSeq: 0, isChanged: false });
  }

  /** One record; `seq` is the sequence of its message. */
  fold(record: ConfigRecord, seq: number): void {
    switch (record.type) {
      case 'rejected':
        return;
      case 'generation':
        return this.foldGeneration(record, seq);
      case 'accepted':
        return this.accept({ part: record.part, seq, at: record.at }, record.supersedes);
      case 'restored':
        return this.change(record, 'active', null, { at: record.at, lastSeq: seq });
      default:
        return this.change(record, record.type, record.reason, { at: record.at, lastSeq: seq });
    }
  }

  /** Rows of parts that were not known, in the state that they have in the end. */
  get newParts(): readonly (NewPart & PartChange & { readonly acceptedAt: string })[] {
    return [...this.parts.values()].flatMap((row) =>
      row.accepted ? { ...row.accepted, ...row, acceptedAt: row.accepted.at } : [],
    );
  }

  /** What became of parts that were known. */
  get changedParts(): readonly PartChange[] {
    return [...this.parts.values()].filter(({ accepted, isChanged }) => !accepted && isChanged);
  }

  get putResources(): readonly EffectiveRow[] {
    return [...this.put.values()];
  }

  get removedResources(): readonly object[] {
    return [...this.removed.values()];
  }

  get renewedResources(): readonly RenewedRow[] {
    return [...this.renewed.values()].flatMap((bySource) => [...bySource.values()]);
  }

  get generations(): readonly GenerationRow[] {
    return [...this.numbered.values()];
  }

  get endedVersions(): readonly VersionEnd[] {
    return [...this.versions.values()].map(({ end }) => end);
  }

  get begunVersions(): readonly VersionRow[] {
    return [...this.versions.values()].flatMap(({ begun }) => [...begun.values()]);
  }

  private accept(accepted: NewPart, supersedes: readonly PartRef[]): void {
    const { part, at, seq } = accepted;
    const when = { at, lastSeq: seq };
    const { generation } = part;
    const source = storable(part.source);
    for (const older of this.bySource.get(source) ?? [])
      if (older.generation < generation) this.supersede(older, when);
    for (const ref of supersedes) this.supersede(this.parts.get(partKey(ref)), when);
    if (!this.parts.has(partKey(part)))
      this.add({ source, generation, state: 'active', reason: null, ...when, isChanged: true, accepted });
    for (const resource of part.resources) this.renew(resource, source, generation);
  }

  private supersede(row: PartState | undefined, when: When): void {
    if (row && LIVE.includes(row.state)) this.set(row, 'superseded', row.reason, when);
  }

  private change(ref: PartRef, state: string, reason: string | null, when: When): void {
    const row = this.parts.get(partKey(ref));
    if (row) this.set(row, state, reason, when);
  }

  private set(row: PartState, state: string, reason: string | null, when: When): void {
    Object.assign(row, { state, reason, ...when, isChanged: true });
  }

  private add(row: PartState): void {
    this.parts.set(partKey(row), row);
    const ofSource = this.bySource.get(row.source);
    if (ofSource) ofSource.add(row);
    else this.bySource.set(row.source, new Set([row]));
  }

  /** A renewal whose content is the same makes no generation, but its annotations replace those of what the part holds. */
  private renew(resource: Resource, source: string, generation: number): void {
    const columns = resourceColumns(refOf(resource));
    const key = resourceKey(columns);
    if (this.removed.has(key)) return;
    const row = this.put.get(key);
    const body = JSON.stringify(resource);
    const renewal = { ...columns, body, part_source: source, part_generation: generation };
    if (row) {
      if (row.part_source === source) this.put.set(key, { ...row, ...renewal });
      return;
    }
    const bySource = this.renewed.get(key);
    if (bySource) bySource.set(source, renewal);
    else this.renewed.set(key, new Map([[source, renewal]]));
  }

  private foldGeneration(record: EffectiveRecord, seq: number): void {
    for (const ref of record.removed) {
      const columns = resourceColumns(ref);
      const key = resourceKey(columns);
      this.put.delete(key);
      this.renewed.delete(key);
      this.removed.set(key, columns);
      this.endVersion(key, columns, record.generation, seq);
    }
    for (const { resource, part, revision } of [...record.added, ...record.changed]) {
      const columns = resourceColumns(refOf(resource));
      const key = resourceKey(columns);
      this.removed.delete(key);
      this.renewed.delete(key);
      const content = {
        ...columns,
        body: JSON.stringify(resource),
        part_source: part ? storable(part.source) : null,
        part_generation: part?.generation ?? null,
        revision: revision ?? null,
      };
      const { generation } = record;
      this.put.set(key, { ...content, generation });
      const versions = this.endVersion(key, columns, generation, seq);
      versions.begun.set(generation, {
        ...content,
        from_generation: generation,
        to_generation: null,
        last_seq: seq,
      });
      versions.open = generation;
    }
    this.count(record, seq);
  }

  private endVersion(key: string, columns: ResourceColumns, generation: number, seq: number): Versions {
    const known = this.versions.get(key);
    if (!known) {
      const begun = new Map<number, VersionRow>();
      const versions = { end: { ...columns, to_generation: generation, last_seq: seq }, begun };
      this.versions.set(key, versions);
      return versions;
    }
    const { open, begun } = known;
    const row = open === undefined ? undefined : begun.get(open);
    if (row)
      begun.set(row.from_generation, {
        ...row,
        to_generation: Math.max(row.from_generation, generation),
        last_seq: seq,
      });
    known.open = undefined;
    return known;
  }

  private count(record: EffectiveRecord, seq: number): void {
    const { generation, at, cause, revision, digest, resources, complete } = record;
    const before = this.numbered.get(generation);
    if (at > this.since) this.since = at;
    this.numbered.set(generation, {
      generation,
      cause_stream: cause.stream,
      cause_seq: cause.seq,
      revision,
      quarantined: JSON.stringify(record.quarantined),
      suppressed: JSON.stringify(record.suppressed ?? []),
      ...before,
      seq,
      at,
      since: this.since,
      complete,
      digest,
      resources,
      added: (before?.added ?? 0) + record.added.length,
      changed: (before?.changed ?? 0) + record.changed.length,
      removed: (before?.removed ?? 0) + record.removed.length,
    });
  }
}

/** What has to be known before these records are folded: parts by name, and the live parts of sources. */
export function namedParts(records: readonly ConfigRecord[]): {
  readonly refs: readonly PartRef[];
  readonly sources: readonly string[];
} {
  const refs = new Map<string, PartRef>();
  const sources = new Set<string>();
  const name = ({ source, generation }: PartRef): void =>
    void refs.set(partKey({ source, generation }), { source: storable(source), generation });
  for (const record of records) {
    if (record.type === 'accepted') {
      sources.add(storable(record.part.source));
      name(record.part);
      record.supersedes.forEach(name);
    } else if (record.type !== 'rejected' && record.type !== 'generation') name(record);
  }
  return { refs: [...refs.values()], sources: [...sources] };
}

function partKey({ source, generation }: PartRef): string {
  return `${generation} ${storable(source)}`;
}

type ResourceColumns = Pick<EffectiveRow, 'api_version' | 'kind' | 'project' | 'name'>;

/** As the table has them: what Postgres cannot store would make two rows here of what is one there. */
function resourceColumns({ apiVersion, kind, project, name }: ResourceRef): ResourceColumns {
  return {
    api_version: storable(apiVersion),
    kind: storable(kind),
    project: storable(project),
    name: storable(name),
  };
}

function resourceKey({ api_version, kind, project, name }: ResourceColumns): string {
  return refKey({ apiVersion: api_version, kind, project, name });
}
