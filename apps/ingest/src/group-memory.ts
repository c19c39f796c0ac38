import { type Bus, Follower, readRecord } from '@signalbox/bus';
import { contentDigest, decodeFactRecord, type Fact, factKey, factsStream } from '@signalbox/contracts';
import { factsProjectionName, findFacts, lineageKey, loadPosition, streamCreated } from '@signalbox/store';
import type { DataSource } from 'typeorm';
import { knownAfter, type KnownFact, type NewestFact, type StoreDecision } from './domain/decide-fact.js';
import { RecentFacts } from './recent-facts.js';

/** What is worked out of a fact once, because several steps need it. */
export interface FactIdentity {
  readonly key: string;
  readonly lineage: string;
  readonly digest: string;
}

export function identityOf(fact: Fact): FactIdentity {
  const key = factKey(fact);
  return { key, lineage: lineageKey(fact.sourceNode, key), digest: contentDigest(fact) };
}

/** A fact that is to be decided. */
interface Asked {
  readonly fact: Fact;
  readonly identity: FactIdentity;
}

/** What memory and the table say of the ids and lineages of a batch. */
export interface LookUp {
  readonly ids: ReadonlyMap<string, KnownFact | undefined>;
  readonly newest: ReadonlyMap<string, NewestFact | undefined>;
}

/**
 * What is known of the facts of one group: the table, and in memory the records that the table does not show yet. After a
 * doubt, memory is read again from the stream.
 */
export class GroupMemory {
  private readonly recent = new RecentFacts();

  constructor(
    private readonly group: string,
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /** Facts that the table does not show yet. */
  get size(): number {
    return this.recent.size;
  }

  /** A record was sent, and is taken as stored at `seq`. */
  remember(decision: StoreDecision, { lineage, digest }: FactIdentity, seq: number): void {
    this.recent.remember(decision.fact.id, lineage, knownAfter(decision, seq, digest), decision.current);
  }

  /** Facts that are kept here because the table does not show them. */
  get unprojected(): number {
    return this.recent.size;
  }

  /** The table shows everything up to `seq`: memory may forget it. */
  projected(seq: number): void {
    this.recent.projected(seq);
  }

  /**
   * What is known of the ids and lineages of a batch, with one bulk query for those that memory does not know. Memory may
   * forget meanwhile what the table shows, so what it says now is kept.
   */
  async lookUp(batch: readonly Asked[]): Promise<LookUp> {
    const ids = new Map<string, KnownFact | undefined>();
    const newest = new Map<string, NewestFact | undefined>();
    for (const { fact, identity } of batch) {
      ids.set(fact.id, this.recent.knownOf(fact.id));
      newest.set(identity.lineage, this.recent.newestOf(identity.lineage));
    }
    const found = await findFacts(this.dataSource, this.group, withoutValue(ids), withoutValue(newest));
    for (const row of found.ids) ids.set(row.id, row);
    for (const row of found.newest) newest.set(row.lineage, row);
    return { ids, newest };
  }

  /** What is known of a fact's id and of its lineage: memory first, where earlier facts of the batch are. */
  of({ fact, identity }: Asked, found: LookUp): [known?: KnownFact, newest?: NewestFact] {
    const { lineage } = identity;
    return [
      this.recent.knownOf(fact.id) ?? found.ids.get(fact.id),
      this.recent.newestOf(lineage) ?? found.newest.get(lineage),
    ];
  }

  /**
   * Reads again what the table does not show yet. Resolves with the stream's last sequence; throws `nats-unavailable` when
   * NATS is not there within `waitMs`.
   */
  async readAgain(waitMs: number): Promise<number> {
    const { bus, recent } = this;
    await bus.untilUp(waitMs);
    const stream = factsStream(this.group);
    const created = await streamCreated(bus, stream);
    const projection = factsProjectionName(this.group);
    const position = await loadPosition(this.dataSource.manager, projection, stream, created);
    recent.clear();
    const follower = new Follower(bus, {
      service: 'ingest',
      name: `facts of ${this.group}`,
      stream,
      fromSeq: position + 1,
      onBatch: (batch) => {
        for (const message of batch) {
          const record = readRecord(bus.log, message, decodeFactRecord);
          if (!record) continue;
          const { fact, change, version, current } = record;
          const decision = { outcome: 'store', fact, change, version, current } as const;
          this.remember(decision, identityOf(fact), message.seq);
        }
        return Promise.resolve();
      },
    });
    await follower.caughtUp;
    await follower.stop();
    const { state } = await bus.manager.streams.info(stream);
    return state.last_seq;
  }
}

function withoutValue(found: ReadonlyMap<string, unknown>): string[] {
  return [...found].filter(([, value]) => value === undefined).map(([key]) => key);
}
