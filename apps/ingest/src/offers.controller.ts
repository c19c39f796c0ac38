import { randomUUID } from 'node:crypto';
import { Payload } from '@nestjs/microservices';
import { Bus, MessageBatch, MessageController, OnRequestBatch, OnStreamBatch } from '@signalbox/bus';
import {
  formatTime,
  type MessageHeaders,
  outsideJson,
  sha256Hex,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { streamCreated } from '@signalbox/store';
import type { JsMsg, Msg, MsgHdrs } from 'nats';
import { factOfMessage } from './domain/cloud-event-in.js';
import { refuseForeignHeaders, refuseStoreHeaders } from './domain/foreign-envelope.js';
import { parseOfferSubject } from './domain/local-offer.js';
import { FactIntake, type FactOffer } from './fact-intake.js';
import { GroupDirectory } from './group-directory.js';

/** Name of the handler behind `nats pub events.<group>.<type>`. */
export const INTAKE_HANDLER = 'intake';

/** The two ways in over NATS: `nats request emit.…` (answered) and `nats pub events.…` (queued). */
@MessageController()
export class OffersController {
  private created: Promise<string> | undefined;

  constructor(
    private readonly intake: FactIntake,
    private readonly groups: GroupDirectory,
    private readonly clock: Clock,
    private readonly bus: Bus,
  ) {}

  @OnRequestBatch(SUBJECTS.emit)
  emit(@Payload() batch: MessageBatch<Msg>): Promise<void> {
    const observedAt = formatTime(this.clock.now());
    return this.offerAll(batch, ({ data, subject, headers }) => {
      const { group, type } = parseOfferSubject(subject);
      const body = bodyOf(data, headersOf(headers), 'request');
      return {
        group,
        way: 'request',
        body,
        defaults: { id: randomFactId(), type, observedAt, ...traceOf(headers) },
      };
    });
  }

  @OnStreamBatch(INTAKE_HANDLER)
  async queued(@Payload() batch: MessageBatch<JsMsg>): Promise<void> {
    const created = await this.intakeCreated();
    await this.offerAll(batch, ({ data, subject, info, headers }) => {
      const { group, type } = parseOfferSubject(subject);
      const body = bodyOf(data, headersOf(headers), 'pub');
      const id = queuedFactId(this.groups.nodeNameOf(group), created, info.streamSequence);
      const observedAt = formatTime(Math.floor(info.timestampNanos / 1e6));
      return { group, way: 'pub', body, defaults: { id, type, observedAt, ...traceOf(headers) } };
    });
  }

  /** Offers all in one step; each message ends by itself, with the answer to its fact. */
  private offerAll<M>(batch: MessageBatch<M>, offerOf: (message: M) => FactOffer): Promise<void> {
    for (const message of batch.messages) {
      try {
        this.intake.offer(offerOf(message), {
          accepted: (result) => batch.handled(message, result),
          refused: (error) => batch.failed(message, error),
        });
      } catch (error) {
        batch.failed(message, error);
      }
    }
    return batch.settled;
  }

  /** Asked for once; a question that failed is asked again. */
  private async intakeCreated(): Promise<string> {
    try {
      return await (this.created ??= streamCreated(this.bus, STREAMS.intake));
    } catch (error) {
      this.created = undefined;
      throw error;
    }
  }
}

/** Id of a fact that came without one and will be answered. */
export function randomFactId(): string {
  const hex = randomUUID();
  // its first and last groups are random throughout, and much cheaper than eight random bytes asked for
  return `evt-${hex.slice(0, 4)}${hex.slice(-12)}`;
}

/** Id of a fact that came without one through INTAKE: the same for every redelivery of the message. */
function queuedFactId(nodeName: string, streamCreated: string, seq: number): string {
  return `evt-${sha256Hex(`${nodeName}\0${streamCreated}\0${seq}`).slice(0, 16)}`;
}

function bodyOf(data: Uint8Array, headers: MessageHeaders, way: 'request' | 'pub'): unknown {
  refuseForeignHeaders(headers);
  refuseStoreHeaders(headers, way);
  return factOfMessage(headers, () => outsideJson(data, 'the body'), data.length === 0);
}

/** Where the message says that it stands in a trace. */
function traceOf(headers: MsgHdrs | undefined): { readonly traceparent?: string } {
  const traceparent = headers?.get('traceparent');
  return traceparent ? { traceparent } : {};
}

function headersOf(headers: MsgHdrs | undefined): MessageHeaders {
  return headers?.keys().map((name) => [name, headers.get(name)] as const) ?? [];
}
