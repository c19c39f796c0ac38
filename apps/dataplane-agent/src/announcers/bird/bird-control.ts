import { createConnection, type Socket } from 'node:net';
import { type Answer, AnswerReader } from './bird-answers.js';
import { unavailable } from '../announcer-error.js';
import type { OrderTime } from '../../order-time.js';

/** Longest answer: a thousand VIPs are a hundredth of it. Characters. */
const MOST_ANSWER_CHARACTERS = 16 * 1024 * 1024;

/**
 * The control socket of BIRD. Each order has a connection of its own: to connect takes a tenth of a millisecond, and a BIRD that was started
 * anew needs no care then.
 */
export class BirdControl {
  constructor(readonly path: string) {}

  /** Does `work` over one connection. Rejects with `announcer-unavailable`, at the latest when the time is over. */
  async talk<T>(time: OrderTime, work: (ask: Ask) => Promise<T>): Promise<T> {
    time.check(`BIRD at ${this.path}`);
    const line = new Line(this.path, time);
    try {
      // the greeting
      await line.next();
      return await work((command) => line.ask(command));
    } finally {
      line.close();
    }
  }
}

/** Asks one command. */
export type Ask = (command: string) => Promise<Answer>;

/** One connection; whoever waits is told when it ends. */
class Line {
  private readonly socket: Socket;
  private readonly answers: Answer[] = [];
  private readonly reader = new AnswerReader();
  private failure: Error | undefined;
  private wake: (() => void) | undefined;
  private readonly giveUp = () => this.fail(this.time.over(`an answer of BIRD at ${this.path}`));

  constructor(
    private readonly path: string,
    private readonly time: OrderTime,
  ) {
    this.socket = createConnection({ path });
    time.signal.addEventListener('abort', this.giveUp);
    this.socket.setEncoding('utf8');
    this.socket.on('data', (text: string) => {
      this.answers.push(...this.reader.take(text));
      if (this.reader.held > MOST_ANSWER_CHARACTERS)
        this.fail(unavailable(`BIRD at ${path} answers without end`));
      this.wake?.();
    });
    this.socket.on('error', (error) => this.fail(unavailable(cannotReach(path, error), error)));
    this.socket.on('close', () => this.fail(unavailable(`BIRD at ${path} ended the connection`)));
  }

  ask(command: string): Promise<Answer> {
    this.socket.write(`${command}\n`);
    return this.next();
  }

  async next(): Promise<Answer> {
    while (this.answers.length === 0) {
      if (this.failure) throw this.failure;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return this.answers.shift()!;
  }

  close(): void {
    this.time.signal.removeEventListener('abort', this.giveUp);
    this.socket.destroy();
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }
}

function cannotReach(path: string, error: Error): string {
  return `BIRD cannot be reached at ${path}: ${error.message}; see that it runs, and that the agent is in its group`;
}
