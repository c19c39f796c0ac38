import { type Bus, Follower, lastOf, Pauses, streamInfo, untilStream } from '@signalbox/bus';
import { factsStream, factTopicOf, SUBJECTS } from '@signalbox/contracts';

/** Pause before the end of a stream is looked for again. Milliseconds. */
const AGAIN_MS = 1000;

/** What is told of topics. */
export interface TopicEvents {
  /** A fact of the topic was accepted, or is its newest as it is found. */
  came(topic: string, seq: number): void;
  /** The stream of the topic is followed now and ends at this sequence. */
  endsAt(topic: string, lastSeq: number): void;
}

/** The facts of the topics that are declared: of each topic the newest that is there, then each that comes. No fact is read twice for it. */
export class FactTopics {
  private readonly watches = new Map<string, TopicWatch>();
  private readonly closing = new Set<Promise<void>>();

  constructor(
    private readonly bus: Bus,
    private readonly events: TopicEvents,
  ) {}

  /** Follows these and no others. */
  follow(topics: readonly string[]): void {
    const wanted = new Set(topics);
    for (const [topic, watch] of this.watches) {
      if (wanted.has(topic)) continue;
      this.watches.delete(topic);
      this.close(watch);
    }
    for (const topic of wanted)
      if (!this.watches.has(topic)) this.watches.set(topic, new TopicWatch(topic, this.bus, this.events));
  }

  async stop(): Promise<void> {
    this.follow([]);
    await Promise.all(this.closing);
  }

  private close(watch: TopicWatch): void {
    const closed: Promise<void> = watch.stop().finally(() => this.closing.delete(closed));
    this.closing.add(closed);
  }
}

/** One topic; a group whose stream is not there yet is waited for. */
class TopicWatch {
  private readonly ending = new AbortController();
  private readonly pauses = new Pauses();
  private readonly working: Promise<void>;
  private follower: Follower | undefined;

  constructor(
    private readonly topic: string,
    private readonly bus: Bus,
    private readonly events: TopicEvents,
  ) {
    this.working = this.begin();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    this.pauses.end();
    await this.working;
    await this.follower?.stop();
  }

  private async begin(): Promise<void> {
    const { bus, topic, events, ending } = this;
    const { group, type } = factTopicOf(topic)!;
    const stream = factsStream(group);
    const filter = SUBJECTS.factsOfType(group, type);
    if (!(await untilStream(bus, stream, ending.signal))) return;
    const next = await this.findNewest(stream, filter);
    if (next === undefined || ending.signal.aborted) return;
    this.follower = new Follower(bus, {
      service: 'plugin-runner',
      name: `facts of ${topic}`,
      stream,
      filter,
      fromSeq: next,
      onBatch: (batch) => {
        events.came(topic, batch.at(-1)?.seq ?? 0);
        return Promise.resolve();
      },
    });
  }

  /** Tells the newest fact; from where to read on, undefined when stopped before it was found. */
  private async findNewest(stream: string, filter: string): Promise<number | undefined> {
    const { bus, topic, events, ending } = this;
    for (let said = false; !ending.signal.aborted;) {
      try {
        const { last, next } = await lastOf(bus, stream, filter);
        const info = await streamInfo(bus.manager, stream);
        if (info) events.endsAt(topic, info.state.last_seq);
        if (last > 0) events.came(topic, last);
        return next;
      } catch (err) {
        if (!said && !ending.signal.aborted && !bus.outages.explain(err)) {
          said = true;
          bus.log.error({ err, topic }, 'the newest fact of a topic cannot be found, trying again');
        }
        await this.pauses.for(AGAIN_MS);
      }
    }
    return undefined;
  }
}
