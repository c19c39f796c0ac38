import { type Place, Traffic } from './traffic.js';

/** Between the answer and the next request of a client, so that clients leave the machine to what they ask. Milliseconds. */
const THINK_MS = 5;

/** Answers by server; `nobody`: requests without one. */
export type Tally = Readonly<Record<string, number>>;

/** A count that has begun, and how many answers it waits for. */
interface Count {
  readonly answers: Record<string, number>;
  readonly wanted: number;
  seen: number;
  readonly done: () => void;
}

/** Clients in a loop: each asks on a new connection, one request after the other, until they are stopped. */
export class SteadyClients {
  /** Requests without an answer since the start. */
  failed = 0;
  /** Requests with an answer since the start. */
  answered = 0;
  private readonly traffic = new Traffic();
  private readonly loops: Promise<void>[] = [];
  private count: Count | undefined;
  private isStopped = false;

  constructor(
    private readonly place: Place,
    clients: number,
  ) {
    for (let started = 0; started < clients; started += 1) this.loops.push(this.loop());
  }

  /** Who answers the next so many requests: of those only that begin after this call. One count at a time. */
  async next(wanted: number): Promise<Tally> {
    const answers: Record<string, number> = {};
    await new Promise<void>((done) => (this.count = { answers, wanted, seen: 0, done }));
    this.count = undefined;
    return answers;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.loops);
    await this.traffic.close();
  }

  private async loop(): Promise<void> {
    while (!this.isStopped) {
      const { count } = this;
      const name = await this.traffic.ask(this.place).catch(() => undefined);
      if (name === undefined) this.failed += 1;
      else this.answered += 1;
      if (count) note(count, name ?? 'nobody');
      await new Promise((resolve) => setTimeout(resolve, THINK_MS));
    }
  }
}

function note(count: Count, name: string): void {
  if (count.seen === count.wanted) return;
  count.answers[name] = (count.answers[name] ?? 0) + 1;
  count.seen += 1;
  if (count.seen === count.wanted) count.done();
}
