import { type ErrorBody, formatTime } from '@signalbox/contracts';
import type { Verdict } from './domain/judge-response.js';
import type { PeerCondition } from './domain/peer-condition.js';
import {
  INITIAL_STANDING,
  isRefused,
  peerChanged,
  standingWaitMs,
  tryBegun,
  tryEnded,
} from './domain/peer-standing.js';
import type { LaneParts, LanePeer } from './lane-parts.js';
import { Pauses } from './pauses.js';
import type { PeerAddress } from './peer-client.js';
import type { Secret } from './secret-book.js';

/** What is known of a peer: where it is, whether it takes requests, and who waits for that to change. */
export class PeerState {
  readonly pauses = new Pauses();
  private standing = INITIAL_STANDING;
  private lastError: ErrorBody | undefined;
  private skewMs: number | undefined;
  private secretMissing: { readonly sinceMs: number; readonly trouble: string } | undefined;
  private current: PeerAddress | undefined;

  constructor(
    private readonly parts: Pick<LaneParts, 'clock' | 'log' | 'metrics'>,
    private target: LanePeer,
  ) {}

  get peer(): LanePeer {
    return this.target;
  }

  /** Undefined while the secret is missing. */
  get address(): PeerAddress | undefined {
    return this.current;
  }

  /** What went wrong last. */
  get error(): string {
    return this.lastError?.message ?? '';
  }

  get condition(): PeerCondition {
    const { group, name: peer, nodeName, endpoint } = this.target;
    const { skewMs } = this;
    const about = { group, peer, nodeName, endpoint, ...(skewMs !== undefined && { skewMs }) };
    const { refusedSince, failingSince } = this.standing;
    if (this.secretMissing) {
      const { sinceMs, trouble: message } = this.secretMissing;
      const error: ErrorBody = { code: 'secret-missing', message };
      return { ...about, state: 'Pending', reason: error.code, error, since: formatTime(sinceMs) };
    }
    if (failingSince === undefined) return { ...about, state: 'Delivering' };
    const since = formatTime(refusedSince ?? failingSince);
    const state = isRefused(this.standing) ? 'Refused' : 'Failing';
    return { ...about, state, reason: this.error, since, ...(this.lastError && { error: this.lastError }) };
  }

  /** Another endpoint or secret sets everything that waits off at once; without a secret everything waits. */
  update(target: LanePeer, secret: Secret): void {
    const { group, name: peer, endpoint } = target;
    const before = this.current;
    this.target = target;
    if (secret.value === undefined) {
      const { trouble } = secret;
      if (!this.secretMissing) this.parts.log.warn({ group, peer, reason: trouble }, 'no secret: facts wait');
      this.secretMissing = { sinceMs: this.secretMissing?.sinceMs ?? this.parts.clock.now(), trouble };
      this.current = undefined;
      return;
    }
    this.secretMissing = undefined;
    if (before?.endpoint === endpoint && before.secret.equals(secret.value)) return;
    if (before?.endpoint !== endpoint) this.skewMs = undefined;
    this.current = { endpoint, secret: secret.value };
    this.standing = peerChanged(this.standing, this.parts.clock.now());
    this.pauses.wake();
  }

  /** Milliseconds until a fact that failed at `failedAt` and is due at `dueAt` may be tried; Infinity = at a change. */
  waitMs(failedAt: number, dueAt: number): number {
    if (!this.current) return Infinity;
    const nowMs = this.parts.clock.now();
    const backOffMs = this.standing.recoveredAt > failedAt ? 0 : dueAt - nowMs;
    return Math.max(standingWaitMs(this.standing, nowMs), backOffMs);
  }

  /** Its clock was told by an answer. */
  clockTold(skewMs: number): void {
    this.skewMs = skewMs;
  }

  tryBegins(): void {
    this.standing = tryBegun(this.standing);
  }

  /** What a try at `address` says about the peer; one log line per change. */
  tryEnds(verdict: Verdict, address: PeerAddress): void {
    const { clock, log, metrics } = this.parts;
    const { group, name: peer } = this.target;
    const before = this.standing;
    const judged = tryEnded(before, verdict.kind, clock.now());
    const isOutdated = address !== this.current && 'error' in verdict;
    this.standing = isOutdated ? peerChanged(judged, clock.now()) : judged;
    if ('error' in verdict) this.lastError = verdict.error;
    const [was, is] = [isRefused(before), isRefused(judged)];
    const [failed, fails] = [before.failingSince !== undefined, judged.failingSince !== undefined];
    metrics.setRefused(group, peer, is);
    if (is && !was) log.warn({ group, peer, reason: this.error }, 'the peer refuses us: its facts wait');
    else if (fails && !failed) log.warn({ group, peer, reason: this.error }, 'pushes fail, trying again');
    else if (failed && !fails) log.info({ group, peer }, 'the peer takes facts again');
    if (was || is || this.standing.recoveredAt !== before.recoveredAt) this.pauses.wake();
  }
}
