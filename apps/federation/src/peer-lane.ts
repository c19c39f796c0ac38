import { RetryLater } from '@signalbox/bus';
import {
  type ErrorBody,
  type Fact,
  factToPeer,
  formatTime,
  readTraceparent,
  traceparentOf,
} from '@signalbox/contracts';
import type { OpenStep } from '@signalbox/runtime';
import type { DeliveredFacts } from './delivered-facts.js';
import type { DeliveryEnd, Parcel } from './delivery-journal.js';
import { clockSkewMs } from './domain/clock-skew.js';
import { deliveryBackOffMs } from './domain/delivery-back-off.js';
import { skipReason, type SkipReason } from './domain/delivery-decision.js';
import { judgeResponse, type Verdict } from './domain/judge-response.js';
import type { PeerCondition } from './domain/peer-condition.js';
import type { LaneParts, LanePeer } from './lane-parts.js';
import { DELIVERY_LIMITS } from './limits.js';
import { type PeerAddress, PeerClient } from './peer-client.js';
import { PeerState } from './peer-state.js';
import type { Secret } from './secret-book.js';

/** A peer's condition, and how many facts are tried right now or wait for their next try. */
export type LaneCondition = PeerCondition & { readonly inWork: number };

/** What a lane knows of the tries of one parcel. Times in milliseconds; `signedAt` in unix seconds. */
interface Tries {
  readonly key: string;
  count: number;
  failedAt: number;
  dueAt: number;
  signedAt: number;
}

/**
 * The way to one peer: decides about every parcel, pushes it, and records how that ended. A parcel stays here while it
 * waits for its next try, so that a change of the peer or its recovery sets all of them off at once.
 */
export class PeerLane {
  private readonly client = new PeerClient();
  private readonly state: PeerState;
  private readonly inWork = new Map<number, Promise<void>>();
  private closed = false;

  /** `attempts`: tries of the open parcels so far, `<id> <version>` → count. */
  constructor(
    private readonly parts: LaneParts,
    peer: LanePeer,
    private readonly delivered: DeliveredFacts,
    private readonly attempts: Map<string, number>,
  ) {
    this.state = new PeerState(parts, peer);
  }

  get peer(): LanePeer {
    return this.state.peer;
  }

  get condition(): LaneCondition {
    return { ...this.state.condition, inWork: this.inWork.size };
  }

  /** Deliveries that are remembered. */
  get recentDeliveries(): number {
    return this.delivered.size;
  }

  /** Takes another endpoint or secret at once; without a secret everything waits. */
  update(peer: LanePeer, secret: Secret): void {
    this.state.update(peer, secret);
  }

  /**
   * Resolves when the parcel needs nothing more: delivered, given up, or not for this peer. A parcel that is handed in
   * again while it is in work is the same work. Throws RetryLater when the lane closes first, and what the journal throws.
   */
  deliver(parcel: Parcel): Promise<void> {
    const running = this.inWork.get(parcel.seq);
    if (running) return running;
    const work = this.run(parcel).finally(() => this.inWork.delete(parcel.seq));
    this.inWork.set(parcel.seq, work);
    return work;
  }

  /** Gives waiting parcels back; those on the wire get a moment, then they are cut off and given back too. */
  async close(): Promise<void> {
    this.closed = true;
    this.state.pauses.wake();
    const timer = setTimeout(() => this.client.close(), DELIVERY_LIMITS.closeMs);
    await Promise.allSettled(this.inWork.values());
    clearTimeout(timer);
    this.client.close();
    this.parts.metrics.forget(this.peer.group, this.peer.name);
  }

  private async run(parcel: Parcel): Promise<void> {
    const key = `${parcel.record.fact.id} ${parcel.record.version}`;
    const count = this.attempts.get(key) ?? 0;
    const tries: Tries = { key, count, failedAt: -Infinity, dueAt: 0, signedAt: 0 };
    while (!(await this.advance(parcel, tries)));
    this.attempts.delete(key);
  }

  /** One step: skip, wait or try. Returns whether the parcel needs nothing more. */
  private async advance(parcel: Parcel, tries: Tries): Promise<boolean> {
    if (this.closed) throw new RetryLater(DELIVERY_LIMITS.giveBackMs);
    const reason = this.skipReasonOf(parcel);
    if (reason) {
      await this.skip(parcel, reason, tries.count);
      return true;
    }
    const { address, pauses } = this.state;
    const waitMs = this.state.waitMs(tries.failedAt, tries.dueAt);
    if (address && waitMs <= 0) return this.attempt(parcel, tries, address);
    await pauses.wait(waitMs);
    return false;
  }

  private skipReasonOf({ record, seq }: Parcel): SkipReason | undefined {
    const known = this.delivered.find(record.fact.id, seq);
    return skipReason(record, seq, this.peer, known, this.parts.clock.now());
  }

  /** What was tried and expired is given up, so that nobody waits for it any more. */
  private async skip(parcel: Parcel, reason: SkipReason, attempts: number): Promise<void> {
    const { clock, journal } = this.parts;
    this.count('skipped');
    if (reason !== 'expired' || attempts === 0) return;
    const message = `the fact expired before the peer took it; the last try: ${this.state.error || 'unknown'}`;
    const error: ErrorBody = { code: 'expired', message };
    await journal.append(this.peer, parcel, { type: 'dead', attempts, at: formatTime(clock.now()), error });
  }

  /** One push and its record. */
  private async attempt(parcel: Parcel, tries: Tries, address: PeerAddress): Promise<boolean> {
    const { clock, journal, metrics, random } = this.parts;
    const startMs = clock.now();
    this.state.tryBegins();
    tries.count += 1;
    tries.signedAt = Math.max(Math.floor(startMs / 1000), tries.signedAt + 1);
    this.attempts.set(tries.key, tries.count);
    const step = this.beginStep(parcel, tries.count);
    const body = Buffer.from(JSON.stringify(factToPeer(tracedFact(parcel.record.fact, step))));
    const outcome = await this.client.push(address, body, tries.signedAt);
    if (this.closed && 'failure' in outcome) throw new RetryLater(DELIVERY_LIMITS.giveBackMs);
    const verdict = judgeResponse(outcome);
    step?.end('error' in verdict ? { error: verdict.error.message } : {});
    const nowMs = clock.now();
    if ('dateMs' in outcome && outcome.dateMs !== undefined)
      this.state.clockTold(clockSkewMs(outcome.dateMs, startMs, nowMs));
    metrics.time(this.peer.group, this.peer.name, (nowMs - startMs) / 1000);
    this.state.tryEnds(verdict, address);
    if (this.skipReasonOf(parcel) === 'delivered') return true;
    const end = endOf(verdict, tries.count, formatTime(nowMs));
    this.count(end.type === 'delivered' && end.duplicate ? 'duplicate' : end.type);
    if (end.type === 'dead') {
      await journal.bury(this.peer, parcel, end);
      return true;
    }
    await journal.append(this.peer, parcel, end);
    if (end.type === 'delivered') {
      this.delivered.note(parcel.record, parcel.seq);
      return true;
    }
    tries.failedAt = nowMs;
    tries.dueAt = verdict.kind === 'refused' ? 0 : nowMs + deliveryBackOffMs(tries.count, random());
    return false;
  }

  /** What the peer does with the fact follows from this step. */
  private beginStep({ record, seq }: Parcel, attempt: number): OpenStep | undefined {
    const { tracing } = this.parts;
    const parent = tracing.isOn ? readTraceparent(record.fact.traceparent) : undefined;
    if (!parent) return undefined;
    const { group, name: peer } = this.peer;
    return tracing.begin({
      ...{ service: 'federation', name: 'deliver', parent },
      attributes: {
        ...{ 'signalbox.group': group, 'signalbox.peer': peer, 'signalbox.fact': record.fact.id },
        ...{ 'signalbox.seq': seq, 'signalbox.attempt': attempt },
      },
    });
  }

  private count(status: Parameters<LaneParts['metrics']['count']>[2]): void {
    this.parts.metrics.count(this.peer.group, this.peer.name, status);
  }
}

function tracedFact(fact: Fact, step: OpenStep | undefined): Fact {
  return step ? { ...fact, traceparent: traceparentOf(step.place) } : fact;
}

function endOf(verdict: Verdict, attempts: number, at: string): DeliveryEnd {
  if (verdict.kind === 'delivered') return { type: 'delivered', attempts, at, duplicate: verdict.duplicate };
  const { kind, error } = verdict;
  return kind === 'dead'
    ? { type: 'dead', attempts, at, error }
    : { type: 'attempt-failed', attempts, at, error };
}
