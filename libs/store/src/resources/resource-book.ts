import { type Bus, Follower, readRecord } from '@signalbox/bus';
import {
  type Changeset,
  decodeChangeset,
  keyOf,
  refKey,
  type Resource,
  STREAMS,
  SUBJECTS,
  type Watermark,
} from '@signalbox/contracts';
import type { DataSource } from 'typeorm';
import { loadPosition, streamCreated } from '../positions.js';
import { resourcesProjection } from './resources.projection.js';

/** A resource as it stands, with the revision that put it and the set that owns it. */
export interface BookEntry {
  readonly resource: Resource;
  readonly revision: number;
  readonly set?: string;
}

/**
 * The operator resources as a service sees them: loads the rows of the projection with their position, then follows
 * the journal. `onChange` runs after each changeset, in order, one at a time; the entries already hold the change.
 */
export class ResourceBook {
  private readonly entries = new Map<string, BookEntry>();
  private follower: Follower | undefined;
  private current = 0;

  /** `service`: who keeps the book. */
  constructor(
    private readonly service: string,
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * Loads and follows. Resolves when everything that was in the journal at the start is in the book and was handed
   * to `onChange`; what the tables already held is not handed over, read it with {@link all}.
   */
  async start(onChange: (revision: number, changeset: Changeset) => Promise<void> | void): Promise<void> {
    await this.load();
    this.follow(onChange);
    await this.caughtUp();
  }

  /** First half of {@link start}, for services that fold the loaded state before they follow. */
  async load(): Promise<void> {
    const created = await streamCreated(this.bus, STREAMS.journal);
    await this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      this.current = await loadPosition(tx, resourcesProjection.name, STREAMS.journal, created);
      if (this.current === 0) return;
      const rows = await tx.query<{ body: string; revision: number; set: string | null }[]>(
        `select body, from_revision as revision, set_name as set from resource_versions where to_revision is null`,
      );
      for (const { body, revision, set } of rows) {
        const resource = JSON.parse(body) as Resource;
        this.entries.set(keyOf(resource), { resource, revision, ...(set !== null && { set }) });
      }
    });
  }

  /** Second half of {@link start}. A batch that is given again goes on with the changeset that failed. */
  follow(onChange: (revision: number, changeset: Changeset) => Promise<void> | void): void {
    let handled = this.current;
    this.follower = new Follower(this.bus, {
      service: this.service,
      name: 'resources',
      stream: STREAMS.journal,
      filter: SUBJECTS.resources,
      fromSeq: this.current + 1,
      onBatch: async (batch) => {
        for (const message of batch.filter(({ seq }) => seq > handled)) {
          const changeset = readRecord(this.bus.log, message, decodeChangeset);
          this.apply(message.seq, changeset?.changes ?? []);
          if (changeset) await onChange(message.seq, changeset);
          handled = message.seq;
        }
      },
    });
  }

  /** Everything that was in the journal at the start has been handled. */
  async caughtUp(): Promise<void> {
    await this.follower?.caughtUp;
  }

  /** Tells readers that the service has done what follows from a revision, and what it appended because of it. */
  mark(revision: number, appended?: Watermark['appended']): void {
    const { service } = this;
    this.bus.tell({ service, stream: STREAMS.journal, seq: revision, ...(appended && { appended }) });
  }

  /** Revision of the newest changeset in the book, 0 when there is none. */
  get revision(): number {
    return this.current;
  }

  get(apiVersion: string, kind: string, name: string, project = 'default'): BookEntry | undefined {
    return this.entries.get(refKey({ apiVersion, kind, project, name }));
  }

  /** Everything. */
  all(): BookEntry[] {
    return [...this.entries.values()];
  }

  /** Everything of one kind: other API groups may have a kind of the same name. */
  ofKind(apiVersion: string, kind: string): BookEntry[] {
    return this.all().filter(({ resource }) => resource.apiVersion === apiVersion && resource.kind === kind);
  }

  /** The live map, by resource key. */
  map(): ReadonlyMap<string, BookEntry> {
    return this.entries;
  }

  async stop(): Promise<void> {
    await this.follower?.stop();
  }

  private apply(revision: number, changes: Changeset['changes']): void {
    for (const change of changes) {
      if (change.op === 'delete') this.entries.delete(refKey(change.ref));
      else {
        const { resource, set } = change;
        this.entries.set(keyOf(resource), { resource, revision, ...(set !== undefined && { set }) });
      }
    }
    this.current = revision;
  }
}
