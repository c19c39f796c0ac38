import { type Bus, Follower, readRecord } from '@signalbox/bus';
import {
  decodeConfigBatch,
  type EffectiveRecord,
  keyOf,
  type PartRecord,
  readScopedName,
  refKey,
  refOf,
  type Resource,
  type ResourceRef,
  scopedNameOf,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import type { DataSource } from 'typeorm';
import { partsProjection } from '../parts/parts.projection.js';
import { untilRestored } from '../snapshots.js';
import { loadPosition, streamCreated } from '../positions.js';

/** One generation as its reader gets it: which resources of its kinds changed, and where its last record stands. */
export interface EffectiveChange {
  readonly generation: number;
  readonly seq: number;
  readonly changed: readonly ResourceRef[];
}

/** Some kinds of one API group. */
export interface KindsOfGroup {
  readonly apiVersion: string;
  readonly kinds: ReadonlySet<string>;
}

/**
 * The effective config as a service sees it: some kinds of what balances traffic, or `everything`. Loads the rows of the projection
 * with their position, then follows `activity.config.traffic`, of everything `activity.config.*`. `onChange` runs once per
 * generation, in order, one at a time; the book already holds it. Generations that change other kinds of what balances traffic are
 * handed over as well, with nothing changed.
 */
export class EffectiveBook {
  private readonly resources = new Map<string, Resource>();
  private follower: Follower | undefined;
  private seq = 0;
  private newest = 0;
  private pending: EffectiveRecord[] = [];

  /** `service`: who keeps the book. */
  constructor(
    private readonly service: string,
    private readonly scope: KindsOfGroup | 'everything',
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /** Loads the rows; what they hold is read with {@link all}. */
  async load(): Promise<void> {
    const { bus, dataSource, scope } = this;
    const [where, values] =
      scope === 'everything'
        ? ['', []]
        : [' where api_version = $1 and kind = any($2)', [scope.apiVersion, [...scope.kinds]]];
    const created = await streamCreated(bus, STREAMS.activity);
    await untilRestored(bus, dataSource, partsProjection.name);
    await dataSource.transaction('REPEATABLE READ', async (tx) => {
      this.seq = await loadPosition(tx, partsProjection.name, STREAMS.activity, created);
      if (this.seq === 0) return;
      const rows = await tx.query<{ body: string }[]>(`select body from effective_resources${where}`, values);
      for (const { body } of rows) {
        const resource = JSON.parse(body) as Resource;
        this.resources.set(keyOf(resource), resource);
      }
      const [last] = await tx.query<{ generation: number | null }[]>(
        'select max(generation) as generation from generations',
      );
      this.newest = last?.generation ?? 0;
    });
  }

  /**
   * Follows from where the rows stand; resolves when everything that was there at the start was handed over. `onPart`: told what
   * became of the parts of BackendSources, before the generation that follows.
   */
  async follow(
    onChange: (change: EffectiveChange) => Promise<void>,
    onPart: (record: PartRecord) => void = () => undefined,
  ): Promise<void> {
    this.follower = new Follower(this.bus, {
      service: this.service,
      name: 'effective config',
      stream: STREAMS.activity,
      filter: this.scope === 'everything' ? SUBJECTS.allConfig : SUBJECTS.trafficConfig,
      fromSeq: this.seq + 1,
      onBatch: async (messages) => {
        for (const message of messages) {
          const { seq } = message;
          if (seq <= this.seq) continue;
          const batch = readRecord(this.bus.log, message, decodeConfigBatch);
          for (const record of batch?.records ?? []) {
            if (record.type !== 'generation') {
              onPart(record);
              continue;
            }
            const chunks = [...this.pending, record];
            if (record.complete) await onChange(this.fold(chunks, seq));
            this.pending = record.complete ? [] : chunks;
          }
          this.seq = seq;
        }
      },
    });
    await this.follower.caughtUp;
  }

  /** Sequence in ACTIVITY up to which the book holds everything. */
  get position(): number {
    return this.seq;
  }

  /** The newest generation that the book holds, 0 before the first. */
  get generation(): number {
    return this.newest;
  }

  /** All that it holds, in no order. */
  everything(): Iterable<Resource> {
    return this.resources.values();
  }

  /** Everything of one kind, of all projects, in the order of the scoped names. */
  all(kind: string): Resource[] {
    const wanted = [...this.resources.values()].filter((resource) => resource.kind === kind);
    return wanted.sort((a, b) => (scopedNameOf(a) < scopedNameOf(b) ? -1 : 1));
  }

  /** The resource of a scoped name, see `scopedName`; of a book of some kinds. */
  get(kind: string, scopedName: string): Resource | undefined {
    if (this.scope === 'everything') return undefined;
    const { apiVersion } = this.scope;
    return this.resources.get(refKey({ apiVersion, kind, ...readScopedName(scopedName) }));
  }

  async stop(): Promise<void> {
    await this.follower?.stop();
  }

  /** Folds the chunks of one generation. They may be folded again after a failure: what they say is a state. */
  private fold(chunks: readonly EffectiveRecord[], seq: number): EffectiveChange {
    const changed: ResourceRef[] = [];
    for (const { added, changed: altered, removed } of chunks) {
      for (const { resource } of [...added, ...altered]) {
        if (!this.isOurs(resource)) continue;
        this.resources.set(keyOf(resource), resource);
        changed.push(refOf(resource));
      }
      for (const ref of removed) {
        if (!this.isOurs(ref)) continue;
        this.resources.delete(refKey(ref));
        changed.push(ref);
      }
    }
    const generation = chunks[0]?.generation ?? 0;
    this.newest = generation;
    return { generation, seq, changed };
  }

  private isOurs({ apiVersion, kind }: Pick<ResourceRef, 'apiVersion' | 'kind'>): boolean {
    if (this.scope === 'everything') return true;
    return apiVersion === this.scope.apiVersion && this.scope.kinds.has(kind);
  }
}
