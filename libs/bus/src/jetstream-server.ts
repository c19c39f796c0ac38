import { CodedError, formatTime } from '@signalbox/contracts';
import {
  BaseRpcContext,
  type CustomTransportStrategy,
  type MessageHandler,
  Server,
} from '@nestjs/microservices';
import type { JsMsg, Msg, MsgHdrs } from 'nats';
import { isObservable, lastValueFrom } from 'rxjs';
import { BatchConsumer } from './batch-consumer.js';
import type { Bus } from './bus.js';
import { appendDeadLetter } from './dead-letters.js';
import { takesBatches } from './decorators.js';
import type { DurableConsumer } from './durable-consumer.js';
import type { DurableOptions } from './durables.js';
import { MessageBatch } from './message-batch.js';
import { RequestAnswers } from './request-answers.js';
import { within } from './within.js';
import { WorkConsumer } from './work-consumer.js';

/** Throw it from a stream handler when the message shall come back after `delayMs` without being counted as a fault. */
export class RetryLater extends Error {
  constructor(readonly delayMs: number) {
    super(`again in ${delayMs} ms`);
    this.name = 'RetryLater';
  }
}

/** Context of a stream handler. */
export class StreamContext extends BaseRpcContext<[JsMsg]> {
  get message(): JsMsg {
    return this.getArgByIndex(0);
  }
}

/** Context of a request handler. */
export class RequestContext extends BaseRpcContext<[Msg]> {
  get subject(): string {
    return this.getArgByIndex(0).subject;
  }

  get headers(): MsgHdrs | undefined {
    return this.getArgByIndex(0).headers;
  }
}

/** A durable whose messages go to the stream handler called `handler`. */
export interface Binding extends DurableOptions {
  readonly handler: string;
  /** Service named in dead letters. */
  readonly service: string;
}

/** How long a drain waits for handlers in work. */
const DRAIN_MS = 6000;
/** How long it waits for the server to know that nothing more is answered. */
const UNSUBSCRIBE_MS = 1000;
const NAK_MS = [100, 500, 2000, 5000] as const;

/**
 * NestJS transport over JetStream.
 * `@MessagePattern(subject)` answers core requests on a queue group: JSON reply, or `{error: {code, message}}`.
 * `@EventPattern(name)` declares a stream handler; {@link bind} gives it a durable pull consumer, at run time and as
 * often as needed (one per plugin, one per peer). The handler's promise decides: resolved = ack (the effect is durable
 * by then); {@link RetryLater} = nak with that delay; a non-retryable CodedError = dead letter, then term; anything else
 * is an infrastructure fault = nak with back-off, never given up.
 * A handler of batches gets a {@link MessageBatch} of what came together; each of its messages ends in the same ways.
 */
export class JetStreamServer extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  private readonly bindings = new Map<string, DurableConsumer>();
  private readonly requests: RequestAnswers;
  private failing = new Set<string>();

  constructor(private readonly bus: Bus) {
    super();
    this.requests = new RequestAnswers(bus);
  }

  listen(callback: () => void): void {
    for (const [pattern, handler] of this.messageHandlers) {
      if (!handler.isEventHandler) this.answer(pattern, handler);
    }
    callback();
  }

  /** Starts a consumer for a stream handler, or replaces the one of the same durable name. */
  async bind(binding: Binding): Promise<void> {
    const handler = this.messageHandlers.get(binding.handler);
    if (!handler) throw new Error(`no stream handler is called ${binding.handler}`);
    await this.unbind(binding.durable);
    this.bindings.set(
      binding.durable,
      takesBatches(handler)
        ? new BatchConsumer(this.bus, binding, (batch, done) =>
            this.processBatch(binding, handler, batch, done),
          )
        : new WorkConsumer(this.bus, binding, (message) => this.process(binding, handler, message)),
    );
  }

  /** Stops the consumer of a durable; the durable itself stays on the server. */
  async unbind(durable: string): Promise<void> {
    const consumer = this.bindings.get(durable);
    this.bindings.delete(durable);
    await consumer?.drain(DRAIN_MS);
    // what it opens late would bring a durable back that is deleted next
    await consumer?.ended;
  }

  /** Graceful drain of everything. */
  async close(): Promise<void> {
    const { connection } = this.bus;
    if (!connection.isClosed()) await within(UNSUBSCRIBE_MS, this.requests.drain());
    await Promise.all([...this.bindings.values()].map((consumer) => consumer.drain(DRAIN_MS)));
    this.bindings.clear();
  }

  on(): void {
    throw new Error('JetStreamServer has no transport events; watch the Bus instead');
  }

  unwrap<T>(): T {
    return this.bus.connection as T;
  }

  private answer(subject: string, handler: MessageHandler): void {
    if (takesBatches(handler)) this.requests.answerInBatches(subject, (batch) => this.call(handler, batch));
    else
      this.requests.answer(subject, (message) =>
        this.call(handler, message.data, new RequestContext([message])),
      );
  }

  private async process(binding: Binding, handler: MessageHandler, message: JsMsg): Promise<void> {
    try {
      await this.call(handler, message.data, new StreamContext([message]));
      this.take(binding, message);
    } catch (error) {
      await this.decline(binding, message, error);
    }
  }

  private processBatch(
    binding: Binding,
    handler: MessageHandler,
    messages: readonly JsMsg[],
    done: (message: JsMsg) => void,
  ): void {
    const batch = new MessageBatch(messages, {
      handled: (message) => {
        this.take(binding, message);
        done(message);
      },
      failed: (message, error) => {
        void this.decline(binding, message, error).finally(() => done(message));
      },
    });
    void batch.settledBy(this.call(handler, batch));
  }

  private take(binding: Binding, message: JsMsg): void {
    message.ack();
    this.failing.delete(binding.durable);
  }

  private async decline(binding: Binding, message: JsMsg, error: unknown): Promise<void> {
    if (error instanceof RetryLater) message.nak(error.delayMs);
    else if (error instanceof CodedError && !error.retryable) await this.bury(binding, message, error);
    else this.giveBack(binding, message, error);
  }

  private giveBack(binding: Binding, message: JsMsg, error: unknown): void {
    const delay = NAK_MS[Math.min(message.info.redeliveryCount - 1, NAK_MS.length - 1)] ?? NAK_MS[0];
    message.nak(delay);
    if (this.failing.has(binding.durable) || this.bus.outages.explain(error)) return;
    this.failing.add(binding.durable);
    const fields = { err: error, consumer: binding.durable, seq: message.seq };
    this.bus.log.error(fields, 'a message could not be handled, trying again');
  }

  private async bury(binding: Binding, message: JsMsg, error: CodedError): Promise<void> {
    try {
      await appendDeadLetter(this.bus, {
        service: binding.service,
        error: error.toBody(),
        subject: message.subject,
        data: message.data,
        at: formatTime(Date.now()),
        stream: binding.stream,
        seq: message.seq,
        deliveries: message.info.redeliveryCount,
        msgId: `dead:${binding.stream}:${binding.durable}:${message.seq}`,
      });
      message.term();
      const kind = { stream: binding.stream, consumer: binding.durable, code: error.code };
      this.bus.repeats.tell(
        `dead letter ${binding.stream} ${error.code}`,
        kind,
        { seq: message.seq, reason: error.message },
        'dead letter',
      );
    } catch (cause) {
      this.giveBack(binding, message, cause);
    }
  }

  private async call(handler: MessageHandler, data: unknown, context?: BaseRpcContext): Promise<unknown> {
    const result: unknown = await handler(data, context);
    return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
  }
}
