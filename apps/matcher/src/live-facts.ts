import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  CodedError,
  type Fact,
  factKey,
  factsStream,
  isExpired,
  lineageOf,
  type Part,
  type RunFact,
  subscriptionOwner,
  timestampMs,
} from '@signalbox/contracts';
import {
  FACT_COLUMNS,
  type FactColumns,
  factOfColumns,
  factsProjectionName,
  lineageColumn,
  loadPosition,
  NEWEST_FIRST,
  type RunView,
  streamCreated,
} from '@signalbox/store';
import { Watermarks } from '@signalbox/runtime';
import { DataSource } from 'typeorm';
import type { Retraction } from './domain/retractions.js';
import type { MatchedFact } from './domain/run-order.js';

/** A stored fact with its place in the stream. */
export interface StoredFact {
  readonly fact: Fact;
  readonly seq: number;
  readonly version: number;
  /** RFC 3339. */
  readonly acceptedAt: string;
}

/** A part and those of its facts that are still stored. */
export interface PartSources {
  readonly part: Part;
  readonly facts: readonly StoredFact[];
}

interface StoredColumns extends FactColumns {
  readonly version: number;
  readonly lineage: string;
  readonly accepted_at: string;
  readonly origin_sequence: number;
}

/** How long a changed rule waits for the table of facts. Milliseconds. */
const PROJECTED_MS = 2000;
/** Rows of one page. */
const PAGE = 2000;
const COLUMNS = `${FACT_COLUMNS}, version, lineage, accepted_at, origin_sequence`;

/** Facts that are already stored, for rules that changed. */
@Injectable()
export class LiveFacts {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly watermarks: Watermarks,
  ) {}

  /** The newest fact of every lineage that is not expired at `nowMs`, has one of the types and stands at most at `seq`. */
  async *pages(
    group: string,
    types: readonly string[],
    seq: number,
    nowMs: number,
  ): AsyncGenerator<StoredFact[]> {
    await this.untilProjected(group, seq);
    for (let after = ''; ;) {
      const rows = await this.dataSource.query<StoredColumns[]>(
        `select distinct on (lineage) ${COLUMNS} from facts
          where group_name = $1 and type = any($2::text[]) and seq <= $3 and lineage > $4
            and (expires_ns is null or expires_ns >= $5::bigint)
          order by lineage, ${NEWEST_FIRST} limit ${PAGE}`,
        [group, types, seq, after, (BigInt(nowMs) * 1_000_000n).toString()],
      );
      if (rows.length > 0) yield rows.map(stored);
      if (rows.length < PAGE) return;
      after = rows[rows.length - 1]!.lineage;
    }
  }

  /**
   * Of each origin and subject the newest facts of these types that stand at most at `seq`, in the order of their sequences, and
   * that were valid when they were accepted. `patienceMs`: as {@link untilProjected}.
   */
  async retracting(
    group: string,
    types: readonly string[],
    seq: number,
    patienceMs = PROJECTED_MS,
  ): Promise<StoredFact[]> {
    await this.untilProjected(group, seq, patienceMs);
    const rows = await this.dataSource.query<StoredColumns[]>(
      `select distinct on (type, origin, subject) ${COLUMNS} from facts
        where group_name = $1 and type = any($2::text[]) and seq <= $3
          and (expires_ns is null or expires_ns >= extract(epoch from accepted_at::timestamptz) * 1000000000)
        order by type, origin, subject, ${NEWEST_FIRST}`,
      [group, types, seq],
    );
    return rows.map(stored).sort((a, b) => a.seq - b.seq);
  }

  /** A fact by its id. */
  async find(group: string, id: string): Promise<StoredFact | undefined> {
    const rows = await this.dataSource.query<StoredColumns[]>(
      `select ${COLUMNS} from facts where group_name = $1 and id = $2`,
      [group, id],
    );
    return rows[0] && stored(rows[0]);
  }

  /** The newest fact of these types with the origin and the subject of another one. */
  async observed(
    { group, sourceNode, subject }: Fact,
    types: readonly string[],
  ): Promise<StoredFact | undefined> {
    const rows = await this.dataSource.query<StoredColumns[]>(
      `select ${COLUMNS} from facts
        where group_name = $1 and left(subject, 64) = left($2, 64) and subject = $2 and origin = $3 and type = any($4::text[])
        order by ${NEWEST_FIRST} limit 1`,
      [group, subject, sourceNode, types],
    );
    return rows[0] && stored(rows[0]);
  }

  /** How many parts of some subscriptions were withdrawn for a reason. */
  async withdrawnFor(subscriptions: readonly string[], reason: string): Promise<number> {
    const rows = await this.dataSource.query<{ parts: string }[]>(
      `select count(*) as parts from parts where state = 'withdrawn' and owner = any($1::text[]) and reason = $2`,
      [subscriptions.map(subscriptionOwner), reason],
    );
    return Number(rows[0]?.parts ?? 0);
  }

  /** The newest fact of each of these lineages up to a sequence, as far as the table has them by now. */
  async newestOf(group: string, lineages: readonly string[], upTo: number): Promise<StoredFact[]> {
    const rows = await this.dataSource.query<StoredColumns[]>(
      `select distinct on (lineage) ${COLUMNS} from facts
        where group_name = $1 and lineage = any($2::text[]) and seq <= $3 order by lineage, ${NEWEST_FIRST}`,
      [group, lineages.map(lineageColumn), upTo],
    );
    return rows.map(stored);
  }

  /** Those of some runs that the table has, whatever became of them. */
  async knownRuns(runIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.dataSource.query<{ id: string }[]>(
      'select run_id as id from runs where run_id = any($1::text[])',
      [runIds],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** The row of a run. */
  async run(runId: string): Promise<RunView | undefined> {
    const rows = await this.dataSource.query<{ view: string }[]>('select view from runs where run_id = $1', [
      runId,
    ]);
    return rows[0] && (JSON.parse(rows[0].view) as RunView);
  }

  /** Those of the places of some facts that were planned under a revision of a subscription, in whatever run. */
  async plannedSeqs(
    subscription: string,
    revision: number,
    ids: readonly string[],
  ): Promise<ReadonlySet<number>> {
    const rows = await this.dataSource.query<{ view: string }[]>(
      'select view from runs where subscription = $1 and fact_ids && $2::text[]',
      [subscription, ids],
    );
    const runs = rows
      .map(({ view }) => JSON.parse(view) as RunView)
      .filter((run) => run.revision === revision);
    return new Set(runs.flatMap(({ facts }) => facts.map(({ seq }) => seq)));
  }

  /** Parts of an owner that are in force or held back, with the facts they came from. */
  async partsOf(owner: string): Promise<PartSources[]> {
    const rows = await this.dataSource.query<{ body: string }[]>(
      `select body from parts where owner = $1 and state in ('active', 'quarantined')`,
      [owner],
    );
    return this.withFacts(rows.map(({ body }) => JSON.parse(body) as Part));
  }

  /** One part with the facts it came from. */
  async sourcesOf(part: Part): Promise<PartSources> {
    const [sources] = await this.withFacts([part]);
    return sources ?? { part, facts: [] };
  }

  /** Subscriptions, as owners, that have parts in force or held back. */
  async liveOwners(): Promise<string[]> {
    const rows = await this.dataSource.query<{ owner: string }[]>(
      `select distinct owner from parts where state in ('active', 'quarantined') and starts_with(owner, $1)`,
      [subscriptionOwner('')],
    );
    return rows.map(({ owner }) => owner);
  }

  private async withFacts(parts: readonly Part[]): Promise<PartSources[]> {
    const ids = [...new Set(parts.flatMap(({ facts }) => facts.map(({ id }) => id)))];
    const rows = await this.dataSource.query<StoredColumns[]>(
      `select ${COLUMNS} from facts where id = any($1::text[])`,
      [ids],
    );
    const byKey = new Map(rows.map((row) => [`${row.group_name}\0${row.id}`, stored(row)]));
    return parts.map((part) => ({
      part,
      facts: part.facts.flatMap(({ id }) => byKey.get(`${part.group}\0${id}`) ?? []),
    }));
  }

  /**
   * The table is another service's: waits until it shows everything up to `seq`. Throws `not-ready` after a while, so
   * that the caller does not keep others waiting; it tries again.
   */
  private async untilProjected(group: string, seq: number, patienceMs = PROJECTED_MS): Promise<void> {
    const stream = factsStream(group);
    const name = factsProjectionName(group);
    const created = await streamCreated(this.bus, stream);
    const position = (): Promise<number> => loadPosition(this.dataSource.manager, name, stream, created);
    if ((await position()) >= seq || (await this.watermarks.waitFor(name, stream, seq, patienceMs))) return;
    if ((await position()) >= seq) return;
    throw new CodedError(
      'not-ready',
      `the facts of ${group} up to ${seq} are not in the table yet: ingest is behind or away`,
    );
  }
}

/** How a run names a fact; with what tells its age where facts are retracted. */
export function matchedFact(fact: Fact, seq: number, version: number, withAge = false): MatchedFact {
  const { observedAt, originSequence, traceparent } = fact;
  const age = { observedAt, ...(originSequence !== undefined && { originSequence }) };
  const runFact: RunFact = {
    seq,
    id: fact.id,
    origin: fact.sourceNode,
    factKey: factKey(fact),
    subject: fact.subject,
    ...(withAge && age),
    ...(traceparent !== undefined && { traceparent }),
  };
  return { fact: runFact, version, ...(fact.expiresAt !== undefined && { expiresAt: fact.expiresAt }) };
}

/** A fact as one that retracts; undefined when it had expired before it was accepted. */
export function retractionOf({ fact, seq, version, acceptedAt }: StoredFact): Retraction | undefined {
  const acceptedMs = timestampMs(acceptedAt);
  if (isExpired(fact, acceptedMs)) return undefined;
  return { type: fact.type, fact: matchedFact(fact, seq, version, true).fact, acceptedMs };
}

/** A matched fact for a rule that gathers facts. `atMs`: when it came, milliseconds since 1970. */
export function gatheredFact(
  matched: MatchedFact,
  { payload, id, type, subject }: Fact,
  atMs: number,
): MatchedFact {
  const bytes = Buffer.byteLength(JSON.stringify({ payload, id, type, subject }));
  return { ...matched, gathered: { atMs, bytes } };
}

/** Lineage of a fact as withdrawals name it. */
export function lineageOfFact(fact: RunFact): string {
  return lineageOf(fact.origin, fact.factKey);
}

function stored(row: StoredColumns): StoredFact {
  const { seq, version, accepted_at: acceptedAt, origin_sequence: originSequence } = row;
  const fact = { ...factOfColumns(row), ...(originSequence > 0 && { originSequence }) };
  return { fact, seq, version, acceptedAt };
}
