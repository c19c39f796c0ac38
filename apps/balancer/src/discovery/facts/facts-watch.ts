import { type Bus, Follower, Pauses, readRecord, type StreamMessage, untilStream } from '@signalbox/bus';
import {
  type AliveAnswer,
  decodeFactRecord,
  errorBody,
  type FactSourceSpec,
  factsStream,
  SUBJECTS,
  timestampMs,
} from '@signalbox/contracts';
import type { Clock } from '@signalbox/runtime';
import type { DataSource } from 'typeorm';
import { Registrations } from '../../domain/discovery/registrations.js';
import type { SourceWatch, WatchSurroundings } from '../source-watch.js';
import { registeredFacts } from './registered-facts.js';

/** How long `ingest` may take to say that it works. Milliseconds. */
const ALIVE_MS = 1000;
/** Pause before it is asked again, and before the table is read again. Milliseconds. */
const AGAIN_MS = 1000;
/** Longest wait of one timer: it does not see that the clock was set or the machine slept. Milliseconds. */
const LONGEST_WAIT_MS = 60_000;

/** What a watch of facts works with. */
export interface FactsParts {
  readonly bus: Bus;
  readonly dataSource: DataSource;
  readonly clock: Clock;
}

/** A source of registrations. */
export interface FactsSource {
  readonly name: string;
  readonly facts: FactSourceSpec;
  /** Name of the Pool that the endpoints join. */
  readonly pool: string;
  /** Ids of the facts that its part came from, when it has one. */
  readonly known: readonly string[];
}

/**
 * The registrations of a source: read from the table, then followed in the stream of their group. A registration that is over ends
 * only when its renewal could have come in: while `ingest` does not work the source is unavailable, and for as long as a
 * registration lives after that, or after a start, nothing ends.
 */
export class FactsWatch implements SourceWatch {
  private readonly registrations: Registrations;
  private readonly followers: Follower[] = [];
  private readonly pauses = new Pauses();
  private readonly ending = new AbortController();
  private readonly working: Promise<void>;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  /** Everything that was there at the start is read. */
  private isComplete = false;
  /** `ingest` took no facts when it was asked last. */
  private isAway = false;
  /** Since when facts come in without a break, as far as `ingest` told. Milliseconds since 1970. */
  private upSinceMs = -Infinity;

  constructor(
    private readonly source: FactsSource,
    private readonly parts: FactsParts,
    private readonly report: WatchSurroundings['report'],
  ) {
    this.registrations = new Registrations(source.facts, source.pool);
    this.working = this.begin();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    this.pauses.end();
    clearTimeout(this.timer);
    await this.working;
    await Promise.all(this.followers.map((follower) => follower.stop()));
    await this.looking;
  }

  private get isOver(): boolean {
    return this.ending.signal.aborted;
  }

  private async begin(): Promise<void> {
    const { bus } = this.parts;
    const { group } = this.source.facts;
    if (!(await untilStream(bus, factsStream(group), this.ending.signal))) return;
    const from = await this.load();
    if (from === undefined) return;
    this.follow(from + 1);
    await Promise.race([Promise.all(this.followers.map(({ caughtUp }) => caughtUp)), this.over()]);
    if (this.isOver) return;
    this.isComplete = true;
    // whether anybody could renew until now is not known
    this.registrations.outageOver(this.parts.clock.now());
    this.lookOnce();
  }

  /** Reads the table until it can; the position behind it, undefined when stopped before. */
  private async load(): Promise<number | undefined> {
    const { bus, dataSource, clock } = this.parts;
    const { facts, known } = this.source;
    while (!this.isOver) {
      try {
        const found = await registeredFacts(bus, dataSource, facts, { known, nowMs: clock.now() });
        for (const one of found.facts) this.registrations.take(one);
        return found.seq;
      } catch (error) {
        this.report({ type: 'unavailable', reason: `the facts cannot be read: ${errorBody(error).message}` });
        await this.pauses.for(AGAIN_MS);
      }
    }
    return undefined;
  }

  private follow(fromSeq: number): void {
    const { bus } = this.parts;
    const { group, type, retractType } = this.source.facts;
    for (const wanted of retractType === undefined ? [type] : [type, retractType])
      this.followers.push(
        new Follower(bus, {
          service: 'balancer',
          name: `${wanted} of ${group} for ${this.source.name}`,
          stream: factsStream(group),
          filter: `facts.${group}.*.*.${wanted}`,
          fromSeq,
          onBatch: (batch) => this.take(batch),
        }),
      );
  }

  private take(batch: readonly StreamMessage[]): Promise<void> {
    const { bus } = this.parts;
    let changed = false;
    for (const message of batch) {
      const record = readRecord(bus.log, message, decodeFactRecord);
      if (!record) continue;
      const { fact, acceptedAt } = record;
      const read = { fact, seq: message.seq, acceptedMs: timestampMs(acceptedAt) };
      changed = this.registrations.take(read) || changed;
    }
    if (!this.isComplete) return Promise.resolve();
    // whoever brings facts works again
    if (this.isAway) this.lookOnce();
    else {
      if (changed) this.tell();
      this.wakeWhenDue();
    }
    return Promise.resolve();
  }

  /** Ends what is over, when nobody was kept from renewing it. */
  private async look(): Promise<void> {
    const { bus, clock } = this.parts;
    const answer = bus.isUp
      ? await bus.ask<AliveAnswer>(SUBJECTS.alive('ingest'), {}, ALIVE_MS).catch(() => undefined)
      : undefined;
    if (this.isOver) return;
    this.isAway = answer?.since === undefined;
    if (answer?.since === undefined) {
      this.report({ type: 'unavailable', reason: 'ingest takes no facts: nobody can renew a registration' });
      this.wakeIn(AGAIN_MS);
      return;
    }
    const sinceMs = timestampMs(answer.since);
    if (sinceMs > this.upSinceMs) {
      this.upSinceMs = sinceMs;
      this.registrations.outageOver(sinceMs);
    }
    this.registrations.expire(clock.now());
    this.tell();
    this.wakeWhenDue();
  }

  private tell(): void {
    if (!this.isOver) this.report({ type: 'content', content: this.registrations.content() });
  }

  private wakeWhenDue(): void {
    const { nextDueMs } = this.registrations;
    clearTimeout(this.timer);
    if (nextDueMs !== undefined) this.wakeIn(Math.max(1, nextDueMs - this.parts.clock.now()));
  }

  private wakeIn(waitMs: number): void {
    if (this.isOver) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.lookOnce(), Math.min(waitMs, LONGEST_WAIT_MS)).unref();
  }

  /** A look ends with the next timer, so one that is under way is enough. */
  private lookOnce(): void {
    this.looking ??= this.look().finally(() => (this.looking = undefined));
  }

  private over(): Promise<void> {
    return new Promise((resolve) =>
      this.ending.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
  }
}
