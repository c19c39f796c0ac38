import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  CodedError,
  PEER_BODY_BYTES,
  PEER_EVENTS_PATH,
  SIGNATURE_HEADER,
  TIMESTAMP_HEADER,
} from '@signalbox/contracts';
import { codedRefusal, type Refusal, wireRefusal } from '../domain/decide-push.js';
import type { SenderClock } from '../domain/sender-clocks.js';
import { headerOf, readBody, sendJson, sendText } from './http-exchange.js';
import { RECEIVER_LIMITS } from './limits.js';
import { type PushAnswer, PushDesk, type PushSettings } from './push-desk.js';
import type { ReceiverParts } from './receiver-parts.js';

const STATUS_PATH = '/v1/status';

/** The address and port on which a group receives. */
export interface ListenPlace {
  readonly address: string;
  readonly port: number;
}

/**
 * The HTTP receiver of one group: `POST /v1/events` and `/v1/status` exactly as reference 4.2 and 4.4 describe them,
 * so that a routerd peer can push to us. Settings may change while it listens.
 */
export class GroupReceiver {
  private readonly server: Server;
  private readonly desk: PushDesk;
  private readonly counts = { received: 0, duplicate: 0, rejected: 0 };
  private readonly warnedAt = new Map<string, number>();

  constructor(
    private readonly parts: ReceiverParts,
    private readonly place: ListenPlace,
    settings: PushSettings,
  ) {
    this.desk = new PushDesk(parts, settings);
    this.server = createServer(
      {
        headersTimeout: RECEIVER_LIMITS.headersMs,
        requestTimeout: RECEIVER_LIMITS.requestMs,
        keepAliveTimeout: RECEIVER_LIMITS.keepAliveMs,
        connectionsCheckingInterval: RECEIVER_LIMITS.checkMs,
      },
      (request, response) => {
        this.handle(request, response).catch((error: unknown) => this.fail(response, error));
      },
    );
    this.server.maxConnections = RECEIVER_LIMITS.connections;
  }

  /** Clocks of those who pushed, by node. */
  senderClocks(): SenderClock[] {
    return this.desk.senderClocks();
  }

  /** Signed requests that are remembered. */
  get remembered(): number {
    return this.desk.remembered;
  }

  /** Opens the port. Rejects with the system's error when it cannot be had. */
  async start(): Promise<void> {
    const { address: host, port } = this.place;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host, port, exclusive: true }, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  /** Takes effect for the next request; the port stays open. */
  update(settings: PushSettings): void {
    this.desk.settings = settings;
  }

  /** Closes the port; requests in work are answered, for a while. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    const timer = setTimeout(() => this.server.closeAllConnections(), RECEIVER_LIMITS.closeMs);
    await closed;
    clearTimeout(timer);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = (request.url ?? '').split('?');
    if (path === STATUS_PATH) return sendJson(response, 200, await this.status());
    if (path !== PEER_EVENTS_PATH) return sendText(response, 404, 'not found');
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      return sendText(response, 405, '');
    }
    const answer = await this.receive(request);
    this.count(answer);
    if (answer.accepted) return sendJson(response, 200, answer);
    const { status, code, id, message, text } = answer.refusal;
    if (text !== undefined) return sendText(response, status, text);
    sendJson(response, status, { accepted: false, code, id, message });
  }

  private async receive(request: IncomingMessage): Promise<PushAnswer> {
    const body = await readBody(request);
    if (body === 'broken')
      return { accepted: false, refusal: wireRefusal('bad-json', 'read_body', 'read body') };
    if (body === 'too-large') {
      const error = new CodedError('too-large', `a pushed body has at most ${PEER_BODY_BYTES} bytes`);
      return { accepted: false, refusal: codedRefusal(error, '', '') };
    }
    return this.desk.answer({
      timestamp: headerOf(request, TIMESTAMP_HEADER),
      signature: headerOf(request, SIGNATURE_HEADER),
      body,
    });
  }

  private async status(): Promise<object> {
    const { nodeName, group, windowMs } = this.desk.settings;
    return {
      node: nodeName,
      group,
      ...this.counts,
      storedEvents: await this.parts.counters.storedEvents(group),
      replayWindowSeconds: Math.floor(windowMs / 1000),
    };
  }

  private count(answer: PushAnswer): void {
    const { counters } = this.parts;
    const { group } = this.desk.settings;
    if (!answer.accepted) {
      this.counts.rejected += 1;
      counters.count(group, 'rejected', answer.refusal.reason);
      this.warn(answer.refusal);
      return;
    }
    const outcome = answer.duplicate ? 'duplicate' : 'accepted';
    this.counts[answer.duplicate ? 'duplicate' : 'received'] += 1;
    counters.count(group, outcome, outcome);
  }

  /** One line per reason and minute: a sender that repeats itself must not fill the log. */
  private warn({ reason, code, message, id, sourceNode }: Refusal): void {
    const nowMs = this.parts.clock.now();
    if (nowMs - (this.warnedAt.get(reason) ?? -Infinity) < RECEIVER_LIMITS.warnEveryMs) return;
    this.warnedAt.set(reason, nowMs);
    const { group } = this.desk.settings;
    this.parts.log.warn({ group, code, reason: message, id, sourceNode }, 'refused a push');
  }

  private fail(response: ServerResponse, error: unknown): void {
    this.parts.log.error({ err: error, group: this.desk.settings.group }, 'a request of a peer failed');
    if (response.headersSent) response.destroy();
    else sendText(response, 500, 'store error');
  }
}
