import { type Bus, type StreamMessage, streamInfo } from '@signalbox/bus';
import { CodedError, STREAMS } from '@signalbox/contracts';
import type { EntityManager, QueryRunner } from 'typeorm';
import { foldAhead } from './fold-transaction.js';
import { loadStanding, type Standing } from './positions.js';
import type { Projection, ProjectionTable } from './projection.js';
import { passOverPoison } from './projector.js';
import { readUpTo } from './read-up-to.js';
import { horizonOf, restoreSnapshot } from './snapshots.js';

/** What is kept of a stream: a stream that is not there is like one in which nothing was ever. */
export interface KeptRecords {
  /** When the stream was made; empty when there is none. */
  readonly created: string;
  /** Sequence of the first record that is kept. */
  readonly firstSeq: number;
}

/** Records that were still to be folded have gone meanwhile, and a snapshot stands for them: fold again from it. */
export class CompactedMeanwhile extends Error {}

/**
 * A projection folded again, from the first message of its stream or the snapshot that stands for what has gone, into tables of
 * its own. `apply` finds them by the search path, in which nothing else stands: a table that is missing here is an error, never
 * a write to the live one.
 */
export class ScratchFold {
  /** Sequence up to which it is folded. */
  position = 0;
  /** Messages read. */
  records = 0;
  /** Messages that cannot be read: the projector passes over them, and so does this. */
  passedOver = 0;
  private created = '';
  /** The last batch, while Postgres works on it. */
  private committed: Promise<void> = Promise.resolve();

  constructor(
    private readonly bus: Bus,
    /** Finds the scratch tables, and nothing else. */
    readonly runner: QueryRunner,
    private readonly projection: Projection,
    private readonly schema: string,
  ) {}

  /** Makes the tables, and fills them where records were purged; what they are is taken from the live ones. */
  async begin(): Promise<void> {
    await this.runner.query(`create schema ${this.schema}`);
    for (const table of this.projection.tables) await this.createTable(table);
    await this.runner.query(`set search_path to ${this.schema}`);
    this.created = (await this.kept()).created;
    if ((await this.horizon()) > 0)
      this.position = await restoreSnapshot(this.bus, this.runner.manager, this.projection);
  }

  /** The connection finds the live tables again. */
  async end(): Promise<void> {
    await this.runner.query('reset search_path');
  }

  /** A table of it, as any connection finds it. */
  table(name: string): string {
    return `${this.schema}.${name}`;
  }

  /**
   * Folds on up to a sequence, this one included; `onFolded` runs after each batch. Throws the reason of an aborted signal,
   * {@link CompactedMeanwhile}, and `not-ready` when the stream was made anew.
   */
  async upTo(seq: number, signal: AbortSignal, onFolded: () => void = () => undefined): Promise<void> {
    const { stream, filter } = this.projection;
    const before = this.position;
    await readUpTo(
      this.bus,
      { stream, fromSeq: before + 1, toSeq: seq, ...(filter !== undefined && { filter }) },
      async (batch) => {
        await passOverPoison(
          batch,
          (messages) => this.fold(messages),
          () => void (this.passedOver += 1),
        );
        this.records += batch.length;
        this.position = batch[batch.length - 1]!.seq;
        onFolded();
      },
      signal,
    ).finally(() => this.committed.catch(() => undefined));
    await this.committed;
    this.position = Math.max(before, seq);
    if ((await this.horizon()) > before && this.position > before) throw new CompactedMeanwhile();
    if ((await this.kept()).created !== this.created) throw isRebuilt(this.projection.name);
  }

  /** What is kept of its stream now. */
  async kept(): Promise<KeptRecords> {
    const info = await streamInfo(this.bus.manager, this.projection.stream);
    const firstSeq = Math.max(info?.state.first_seq ?? 0, (await this.horizon()) + 1);
    return { created: info?.created ?? '', firstSeq };
  }

  /** Nobody needs it after a crash, nor searches it but by its keys and what the fold searches by. */
  private async createTable({ name, foldedBy = [] }: ProjectionTable): Promise<void> {
    await this.runner.query(
      `create unlogged table ${this.table(name)} (like ${name} including all excluding indexes)`,
    );
    const keys = (await this.runner.query(
      `select pg_get_indexdef(indexrelid) as definition from pg_index join pg_class c on c.oid = indexrelid
        where indrelid = $1::regclass and (indisunique or relname = any($2))`,
      [name, foldedBy],
    )) as { definition: string }[];
    for (const { definition } of keys)
      await this.runner.query(definition.replace(/ ON \S+ /, () => ` ON ${this.table(name)} `));
  }

  /** The next batch is read while Postgres works on this one. */
  private async fold(messages: readonly StreamMessage[]): Promise<void> {
    const { committed } = await foldAhead(this.runner, (tx) => this.projection.apply(messages, tx));
    const before = this.committed;
    this.committed = committed;
    committed.catch(() => undefined);
    await before;
  }

  private async horizon(): Promise<number> {
    return this.projection.stream === STREAMS.activity ? horizonOf(this.bus) : 0;
  }
}

/** How long the live tables may take to stand where the records begin, and how often is looked. Milliseconds. */
const LIVE = { withinMs: 10_000, lookMs: 100 } as const;

/**
 * Where the live tables stand, not below what a snapshot gave to a fold: their service folds up to there. Throws `not-ready` when
 * it does not, and the reason of an aborted signal.
 */
export async function liveStanding(
  bus: Bus,
  tx: EntityManager,
  projection: Projection,
  atLeast: number,
  signal: AbortSignal,
): Promise<Standing> {
  const deadline = performance.now() + LIVE.withinMs;
  for (;;) {
    signal.throwIfAborted();
    const standing = await loadStanding(bus, tx, projection);
    if (standing.upTo >= atLeast) return standing;
    if (performance.now() > deadline) throw isRebuilt(projection.name);
    await new Promise((resolve) => setTimeout(resolve, LIVE.lookMs));
  }
}

/** The live tables are behind what was folded here. */
export function isRebuilt(projection: string): CodedError {
  return new CodedError(
    'not-ready',
    `the projection ${projection} is being rebuilt by its service: try again later`,
  );
}
