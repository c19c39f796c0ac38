import { type Site, until } from '@signalbox/testing';
import { FactSender, loadFact, type LoadFact } from './fact-load.js';
import type { SeededRandom } from './seeded-random.js';

/** How a {@link SteadyLoad} looks. */
export interface Pace {
  readonly perSecond: number;
  /** Share of the facts that start the plugin. */
  readonly matching: number;
  /** Subjects of those. */
  readonly lineages: number;
}

const TICK_MS = 20;
/** Deadline for hangs. Milliseconds. */
const UNDER_WAY_MS = 300_000;
/**
 * As many facts may wait for an answer. A site that cannot keep the pace (a machine that does other things too) is not
 * buried: without a bound what waits grows for ever, and so does the time until anything else is answered.
 */
const MOST_UNANSWERED = 400;

/**
 * Facts at a steady pace, whatever becomes of them: the n-th is sent when its time has come, also when earlier ones still
 * wait for an answer (but for {@link MOST_UNANSWERED}), and a late tick sends all that are due.
 */
export class SteadyLoad {
  private readonly facts: LoadFact[] = [];
  private readonly answers: Promise<void>[] = [];
  private unanswered = 0;
  private readonly startMs = Date.now();
  /** The pace counts from here. */
  private from = { ms: this.startMs, facts: 0 };
  private most = Infinity;
  private readonly clock: NodeJS.Timeout;

  private constructor(
    private readonly sender: FactSender,
    private readonly random: SeededRandom,
    private readonly pace: Pace,
  ) {
    this.clock = setInterval(() => this.sendDue(), TICK_MS);
  }

  static async start(site: Site, random: SeededRandom, pace: Pace): Promise<SteadyLoad> {
    return new SteadyLoad(await FactSender.open(site), random, pace);
  }

  /** From now on at most so many facts more, at the pace: what is sent does not grow with the time that something takes. */
  allow(facts: number): void {
    this.from = { ms: Date.now(), facts: this.facts.length };
    this.most = this.facts.length + facts;
  }

  /** As {@link allow}; resolves when a third of them is sent. */
  async atMost(facts: number): Promise<void> {
    const third = this.facts.length + facts / 3;
    this.allow(facts);
    await until('a load under way', () => this.facts.length >= third, UNDER_WAY_MS);
  }

  /** Sends no more and waits for nobody: the test has failed. */
  async abandon(): Promise<void> {
    clearInterval(this.clock);
    await this.sender.close();
  }

  /** Sends no more; resolves with all facts when the last one is answered. Throws when one was refused or never answered. */
  async stop(): Promise<readonly LoadFact[]> {
    clearInterval(this.clock);
    try {
      await Promise.all(this.answers);
    } finally {
      await this.sender.close();
    }
    return this.facts;
  }

  private sendDue(): void {
    const { random, pace } = this;
    const sinceMs = Date.now() - this.from.ms;
    const due = Math.min(this.most, this.from.facts + Math.floor((sinceMs * pace.perSecond) / 1000));
    while (this.facts.length < due && this.unanswered < MOST_UNANSWERED) {
      const at = this.facts.length;
      const host = random.next() < pace.matching ? random.between(1, pace.lineages) : undefined;
      const fact = loadFact(at, host, this.startMs + (at * 1000) / pace.perSecond);
      this.facts.push(fact);
      this.unanswered += 1;
      const answered = this.sender.send(fact).finally(() => (this.unanswered -= 1));
      answered.catch(() => undefined); // stop() throws it
      this.answers.push(answered);
    }
  }
}
