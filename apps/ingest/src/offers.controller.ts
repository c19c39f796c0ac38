import { randomBytes } from 'node:crypto';
import { Ctx, Payload } from '@nestjs/microservices';
import { Bus, MessageController, OnRequest, OnStream, RequestContext, StreamContext } from '@signalbox/bus';
import { formatTime, outsideJson, sha256Hex, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { streamCreated } from '@signalbox/store';
import type { MsgHdrs } from 'nats';
import { type Headers, refuseForeignHeaders, refuseStoreHeaders } from './domain/foreign-envelope.js';
import { parseOfferSubject } from './domain/local-offer.js';
import { FactIntake, type IntakeResult } from './fact-intake.js';
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

  @OnRequest(SUBJECTS.emit)
  async emit(@Payload() data: Uint8Array, @Ctx() context: RequestContext): Promise<IntakeResult> {
    const { group, type } = parseOfferSubject(context.subject);
    const body = bodyOf(data, headersOf(context.headers), 'request');
    const defaults = { id: randomFactId(), type, observedAt: formatTime(this.clock.now()) };
    return this.intake.submit({ group, way: 'request', body, defaults });
  }

  @OnStream(INTAKE_HANDLER)
  async queued(@Payload() data: Uint8Array, @Ctx() context: StreamContext): Promise<void> {
    const { subject, info, headers } = context.message;
    const { group, type } = parseOfferSubject(subject);
    const body = bodyOf(data, headersOf(headers), 'pub');
    const created = await this.intakeCreated();
    const id = queuedFactId(this.groups.nodeNameOf(group), created, info.streamSequence);
    const observedAt = formatTime(Math.floor(info.timestampNanos / 1e6));
    await this.intake.submit({ group, way: 'pub', body, defaults: { id, type, observedAt } });
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
  return `evt-${randomBytes(8).toString('hex')}`;
}

/** Id of a fact that came without one through INTAKE: the same for every redelivery of the message. */
function queuedFactId(nodeName: string, streamCreated: string, seq: number): string {
  return `evt-${sha256Hex(`${nodeName}\0${streamCreated}\0${seq}`).slice(0, 16)}`;
}

function bodyOf(data: Uint8Array, headers: Headers, way: 'request' | 'pub'): unknown {
  refuseForeignHeaders(headers);
  refuseStoreHeaders(headers, way);
  return outsideJson(data, 'the body');
}

function headersOf(headers: MsgHdrs | undefined): Headers {
  return headers?.keys().map((name) => [name, headers.get(name)] as const) ?? [];
}
