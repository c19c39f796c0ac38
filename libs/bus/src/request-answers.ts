import { CodedError, type ErrorBody, errorBody } from '@signalbox/contracts';
import type { Msg, Subscription } from 'nats';
import { type Bus, isInbox } from './bus.js';
import type { EndpointCalls } from './endpoints.js';
import { Gathering } from './gathering.js';
import { MessageBatch } from './message-batch.js';
import { refusalHeaders } from './refusal-headers.js';
import { unlessClosing } from './unless-closing.js';

/** Of those who listen on a subject in this group one answers. */
const QUEUE = 'signalbox';

/** Where and when a request came: what its answer needs besides. */
interface Arrival {
  readonly calls: EndpointCalls;
  readonly beganMs: number;
  readonly losses: number;
}

/** Answers core requests in JSON, or with `{error: {code, message}}`, and counts them for `$SRV.STATS`. */
export class RequestAnswers {
  private readonly subscriptions: Subscription[] = [];

  constructor(private readonly bus: Bus) {}

  /** Each request is answered with what `handle` resolves to. */
  answer(subject: string, handle: (message: Msg) => Promise<unknown>): void {
    this.subscribe(subject, (message, arrival) => void this.reply(message, handle, arrival));
  }

  /** What came together is handed over as one batch, whose messages are answered each by itself. */
  answerInBatches(subject: string, handle: (batch: MessageBatch<Msg>) => Promise<unknown>): void {
    const calls = this.callsOf(subject);
    const arrived = new Gathering<Msg>((messages) => {
      const arrival = this.arrivalAt(calls);
      const batch = new MessageBatch(messages, {
        handled: (message, body) => this.respond(message, body, arrival),
        failed: (message, error) => this.refuse(message, error, arrival),
      });
      void batch.settledBy(handle(batch));
    });
    this.subscribe(subject, (message) => arrived.add(message));
  }

  /** Takes no more requests; resolves when the server knows. */
  async drain(): Promise<void> {
    await Promise.all(this.subscriptions.map((one) => one.drain()));
  }

  private subscribe(subject: string, take: (message: Msg, arrival: Arrival) => void): void {
    const calls = this.callsOf(subject);
    const subscription = this.bus.connection.subscribe(subject, {
      queue: QUEUE,
      callback: (error, message) => {
        if (!error) take(message, this.arrivalAt(calls));
      },
    });
    this.subscriptions.push(subscription);
  }

  private callsOf(subject: string): EndpointCalls {
    return this.bus.endpoints.of(subject, QUEUE);
  }

  private arrivalAt(calls: EndpointCalls): Arrival {
    return { calls, beganMs: performance.now(), losses: this.bus.losses };
  }

  private async reply(
    message: Msg,
    handle: (message: Msg) => Promise<unknown>,
    arrival: Arrival,
  ): Promise<void> {
    let body: unknown;
    try {
      body = await handle(message);
    } catch (error) {
      this.refuse(message, error, arrival);
      return;
    }
    this.respond(message, body, arrival);
  }

  /** NATS takes no message that is too large, and who asked would wait in vain. */
  private respond(message: Msg, body: unknown, arrival: Arrival): void {
    const text = JSON.stringify(body ?? null);
    const bytes = Buffer.byteLength(text);
    const { maxBytes } = this.bus;
    if (bytes > maxBytes) {
      const problem = `the answer has ${bytes} bytes, one message may have ${maxBytes}: ask for less`;
      this.refuse(message, new CodedError('result-too-large', problem), arrival);
      return;
    }
    arrival.calls.note(arrival.beganMs);
    this.send(message, text, arrival);
  }

  private refuse(message: Msg, error: unknown, arrival: Arrival): void {
    const body = errorBody(this.coded(error, message.subject));
    arrival.calls.note(arrival.beganMs, `${body.code}: ${body.message}`);
    this.send(message, JSON.stringify({ error: body }), arrival, body);
  }

  private send(message: Msg, text: string, { losses }: Arrival, refusal?: ErrorBody): void {
    // who asked over another connection asks again, and this one has no right to answer
    if (this.bus.losses !== losses || !isInbox(message.reply)) return;
    const options = refusal && { headers: refusalHeaders(refusal) };
    unlessClosing(() => message.respond(text, options));
  }

  /** Why a request failed, for its asker; what is a defect of ours is logged here. */
  private coded(error: unknown, subject: string): unknown {
    if (error instanceof CodedError) return error;
    const away = this.bus.outages.explain(error);
    if (away)
      return new CodedError(away, 'a server of this site is away: ask again later', [], { cause: error });
    this.bus.log.error({ err: error, subject }, 'a request failed');
    return error;
  }
}
