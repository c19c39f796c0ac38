import {
  checkTimestamp,
  CodedError,
  formatTime,
  type PeerSecret,
  verifySignature,
} from '@signalbox/contracts';
import {
  codedRefusal,
  decidePush,
  type PushedEvent,
  type PushRules,
  type Refusal,
  wireRefusal,
} from '../domain/decide-push.js';
import { type SenderClock, SenderClocks } from '../domain/sender-clocks.js';
import { RECEIVER_LIMITS } from './limits.js';
import type { ReceiverParts } from './receiver-parts.js';
import { ReplayCache, type RequestOutcome } from './replay-cache.js';

/** What a port needs to know of its group; may change while it listens. */
export interface PushSettings extends PushRules {
  readonly windowMs: number;
  /** Any of them verifies. Never empty. */
  readonly secrets: readonly PeerSecret[];
}

/** One POST as it came: the two headers and the raw body. */
export interface SignedRequest {
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly body: Buffer;
}

/** The answer to a push. */
export type PushAnswer =
  | { readonly accepted: true; readonly id: string; readonly duplicate: boolean }
  | { readonly accepted: false; readonly refusal: Refusal };

/** Plain texts of the two checks of the timestamp, and how the reference names them in metrics. */
const TIMESTAMP_TEXTS: Partial<Record<string, readonly [reason: string, text: string]>> = {
  'bad-timestamp': ['bad_timestamp', 'bad timestamp'],
  'stale-timestamp': ['stale_timestamp', 'stale timestamp'],
};

/**
 * Decides and stores pushes of one group: rows 3 to 9 of reference 4.4 in that order, with our checks between the
 * body and the store, and replay detection as the last of them (T31).
 */
export class PushDesk {
  private readonly replays = new ReplayCache(RECEIVER_LIMITS.rememberedSignatures);
  private readonly clocks = new SenderClocks();

  constructor(
    private readonly parts: ReceiverParts,
    public settings: PushSettings,
  ) {}

  /** Clocks of those who pushed, by node. */
  senderClocks(): SenderClock[] {
    return this.clocks.all();
  }

  /** Signed requests that are remembered. */
  get remembered(): number {
    return this.replays.size;
  }

  async answer(request: SignedRequest): Promise<PushAnswer> {
    const { settings } = this;
    const nowMs = this.parts.clock.now();
    const unsigned = signatureProblem(request, settings, nowMs);
    if (unsigned) {
      if (unsigned.code === 'stale-timestamp') this.noteStale(request, nowMs);
      return { accepted: false, refusal: unsigned };
    }
    const { event, refusal } = decidePush(request.body, settings, nowMs);
    if (refusal) {
      this.record('refused', refusal);
      return { accepted: false, refusal };
    }
    this.clocks.note(event.sourceNode, signedMs(request), nowMs, true);
    const key = `${request.timestamp}\n${request.signature}`;
    const earlier = this.replays.find(key);
    return earlier ? this.answerReplay(event, await earlier) : this.store(event, key, nowMs);
  }

  /** Who signs at another time than ours is told apart from noise by the signature, and answered all the same. O12. */
  private noteStale(request: SignedRequest, nowMs: number): void {
    const { settings } = this;
    const { timestamp = '', signature = '', body } = request;
    if (!verifySignature(settings.secrets, timestamp, body, signature)) return;
    const { event, refusal } = decidePush(body, settings, nowMs);
    const sender = event?.sourceNode ?? refusal?.sourceNode ?? '';
    if (sender !== '') this.clocks.note(sender, signedMs(request), nowMs, false);
  }

  /** The same signed request again: harmless when its fact is stored, refused when it was refused. */
  private answerReplay(event: PushedEvent, earlier: RequestOutcome): PushAnswer {
    const { id, sourceNode } = event;
    if (earlier === 'failed') {
      const error = new CodedError('not-ready', 'the same request failed a moment ago: send it again');
      return { accepted: false, refusal: codedRefusal(error, id, sourceNode) };
    }
    const refusal = codedRefusal(
      new CodedError('replay', 'the signed request was seen before'),
      id,
      sourceNode,
    );
    this.parts.counters.count(this.settings.group, 'replay', earlier);
    this.record('replay', refusal);
    return earlier === 'stored' ? { accepted: true, id, duplicate: true } : { accepted: false, refusal };
  }

  private async store(event: PushedEvent, key: string, nowMs: number): Promise<PushAnswer> {
    let settle: (outcome: RequestOutcome) => void = () => undefined;
    const outcome = new Promise<RequestOutcome>((resolve) => (settle = resolve));
    this.replays.remember(key, outcome, nowMs, 2 * this.settings.windowMs);
    const { id, sourceNode, body } = event;
    try {
      const { group } = this.settings;
      const defaults = { observedAt: formatTime(nowMs) };
      const stored = await this.parts.intake.submit({ group, way: 'peer', body, defaults });
      settle('stored');
      return { accepted: true, id: stored.id, duplicate: stored.duplicate };
    } catch (error) {
      const refusal = this.refusalOf(error, event);
      if (refusal.status >= 500) this.replays.forget(key);
      settle(refusal.status >= 500 ? 'failed' : 'refused');
      return { accepted: false, refusal: { ...refusal, id, sourceNode } };
    }
  }

  private refusalOf(error: unknown, { id, sourceNode }: PushedEvent): Refusal {
    if (error instanceof CodedError && error.code !== 'internal') return codedRefusal(error, id, sourceNode);
    const { group } = this.settings;
    this.parts.log.error({ err: error, group, id, sourceNode }, 'a pushed fact could not be stored');
    return wireRefusal('internal', 'store_error', 'store error');
  }

  private record(type: 'refused' | 'replay', { code, message, id, sourceNode }: Refusal): void {
    const at = formatTime(this.parts.clock.now());
    const { group } = this.settings;
    this.parts.onRefused({ type, code, message, id, sourceNode, way: 'peer', at, group });
  }
}

function signedMs({ timestamp }: SignedRequest): number {
  return Number(timestamp) * 1000;
}

/** Rows 3, 4 and 5: who cannot sign learns nothing about bodies. */
function signatureProblem(
  { timestamp, signature, body }: SignedRequest,
  { windowMs, secrets }: PushSettings,
  nowMs: number,
): Refusal | undefined {
  try {
    checkTimestamp(timestamp, nowMs, windowMs);
  } catch (error) {
    const known = error instanceof CodedError && TIMESTAMP_TEXTS[error.code];
    if (!known) throw error;
    return { ...wireRefusal(error.code, ...known), message: error.message };
  }
  if (verifySignature(secrets, timestamp ?? '', body, signature ?? '')) return undefined;
  return wireRefusal('bad-signature', 'bad_signature', 'bad signature');
}
