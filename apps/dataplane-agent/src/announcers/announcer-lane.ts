import { Pauses } from '@signalbox/bus';
import {
  type AnnounceMethod,
  canonicalJson,
  compareAddresses,
  type ErrorBody,
  errorBody,
  ERRORS,
} from '@signalbox/contracts';
import type { Clock, Log } from '@signalbox/runtime';
import type { AnnounceTally } from '../announce-tally.js';
import type { AnnouncerView } from '../domain/announcing/vip-reports.js';
import { BACK_OFF_MS, backOffMs } from '../domain/back-off.js';
import type { PeerSession, StandingVip, VipAnnouncer, WantedAnnouncements } from './announcer.js';
import type { AnnouncerFactory } from './announcer-of.js';

/** After it a call of an announcer is given up. Milliseconds. */
const DEADLINE = { deadlineMs: 10_000 } as const;

/** The pause before the first look for what a daemon still has to tell its routers; it doubles. Milliseconds. */
const UNSETTLED_MS = 100;

/** What a lane shall announce. */
export interface Wish {
  readonly wanted: WantedAnnouncements;
  /** Of its VIPs only what is on the network already stays there: nobody knows yet whether the node is ready for more. */
  readonly onlyStanding: boolean;
}

/** A manifest cannot ask for more looks than this. Milliseconds. */
const LEAST_SYNC_MS = 100;

/** What a lane works with. */
export interface LaneParts {
  readonly make: AnnouncerFactory;
  readonly clock: Clock;
  readonly log: Log;
  readonly tally: AnnounceTally;
  /** Called after each turn: what the lane shows may be another. */
  readonly onTurn: (lane: AnnouncerLane) => void;
}

/**
 * One method's announcements made as wished: one call at a time, and of wishes that come meanwhile the newest. A lane that fails tries
 * again on its own, so that a daemon which is away keeps nobody else from anything.
 */
export class AnnouncerLane {
  /** Since when the announcer does not do what it shall. Milliseconds since 1970. */
  failingSinceMs: number | undefined;
  private failure: ErrorBody | undefined;
  private announcer: VipAnnouncer | undefined;
  private wanted: Wish | undefined;
  private wantedText = '';
  private wantedAtMs = 0;
  /** The wish that was taken last. */
  private applied: Wish | undefined;
  private standing: ReadonlyMap<string, StandingVip> | undefined;
  private sessions: readonly PeerSession[] = [];
  /** A wish that the daemon refused as a whole. */
  private givenUp: Wish | undefined;
  private asked: 'nothing' | 'look' | 'sync' = 'nothing';
  private failures = 0;
  private triedAtMs = -Infinity;
  private drift = '';
  private looks = 0;
  private syncMs = LEAST_SYNC_MS;
  private lookTimer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private running: Promise<void> | undefined;
  private readonly pauses = new Pauses();

  constructor(
    readonly method: AnnounceMethod,
    private readonly parts: LaneParts,
  ) {}

  /** What is known of the announcer. */
  get view(): AnnouncerView {
    const { standing, sessions, failure } = this;
    return { standing, sessions, ...(failure && { failure }) };
  }

  /** Whether a VIP is certainly not on the network by this method: the announcer took a wish without it, the last one. */
  hasWithdrawn(address: string): boolean {
    const { applied, wanted } = this;
    return (
      applied !== undefined &&
      applied === wanted &&
      !applied.wanted.vips.some((vip) => vip.address === address)
    );
  }

  /** Whether the VIP may be on the network by this method. */
  mayHave(address: string): boolean {
    const stands = this.standing?.get(address);
    return stands !== undefined && stands.state !== 'refused';
  }

  /** Announces this from now on. `syncMs`: how often it looks whether it is so. */
  want(wanted: Wish, syncMs: number): void {
    this.syncMs = Math.max(LEAST_SYNC_MS, syncMs);
    const text = canonicalJson(wanted);
    if (text === this.wantedText) return;
    this.wanted = wanted;
    this.wantedText = text;
    this.wantedAtMs = performance.now();
    this.pauses.cut();
    this.work();
  }

  /** Announces this, and resolves when the announcer took it, or not in that time. Milliseconds. */
  async wantBefore(wanted: Wish, ms: number): Promise<void> {
    this.want(wanted, this.syncMs);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([this.running, late]);
    clearTimeout(timer);
  }

  /** Ends after the turn in work; what is announced stays. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.lookTimer);
    this.pauses.end();
    await this.running;
    await this.announcer?.close();
  }

  /** Applies it again, whatever is read back. */
  private sync(): void {
    this.asked = 'sync';
    this.work();
  }

  private look(): void {
    if (this.asked === 'nothing') this.asked = 'look';
    // one that could not be reached may be back; whoever calls while it is asked does not hurry it
    if (performance.now() - this.triedAtMs >= BACK_OFF_MS.first) this.pauses.cut();
    this.work();
  }

  private work(): void {
    this.running ??= this.workOff().finally(() => {
      this.running = undefined;
      if (this.isDue()) this.work();
      else this.lookLater();
    });
  }

  private isDue(): boolean {
    const { wanted } = this;
    if (!wanted || this.isStopped) return false;
    const isNew = wanted !== this.applied && wanted !== this.givenUp;
    return isNew || this.asked !== 'nothing' || this.failures > 0;
  }

  private async workOff(): Promise<void> {
    while (this.isDue()) {
      const wanted = this.wanted!;
      const { asked } = this;
      this.asked = 'nothing';
      this.triedAtMs = performance.now();
      clearTimeout(this.lookTimer);
      try {
        await this.turn(wanted, asked === 'sync');
        this.succeeded();
      } catch (error) {
        this.failed(wanted, error);
      }
      this.parts.onTurn(this);
      if (this.failures > 0 && wanted === this.wanted) await this.pauses.for(backOffMs(this.failures));
    }
  }

  private async turn(wanted: Wish, isSync: boolean): Promise<void> {
    const announcer = await this.take();
    const { tally } = this.parts;
    const isTaken = wanted === this.applied && this.failures === 0;
    const isAsApplied = isTaken && (await this.isAsApplied(announcer));
    if (!isAsApplied || isSync) {
      const { vips, writes } = await announcer.apply(await allowed(wanted, announcer), DEADLINE);
      if (isTaken && isAsApplied && writes > 0) tally.drifts += 1;
      if (!isTaken) tally.applies.took((performance.now() - this.wantedAtMs) / 1000);
      this.standing = new Map(vips.map((vip) => [vip.address, vip]));
      this.applied = wanted;
    }
    this.sessions = await announcer.sessions(DEADLINE);
    this.looks = isTaken ? this.looks + 1 : 0;
  }

  private async take(): Promise<VipAnnouncer> {
    if (!this.announcer) {
      this.announcer = await this.parts.make(this.method);
      this.announcer.onChange(() => this.look());
    }
    return this.announcer;
  }

  /** Whether what was taken is there, and nothing else; keeps what is read. */
  private async isAsApplied(announcer: VipAnnouncer): Promise<boolean> {
    const found = new Map((await announcer.observe(DEADLINE)).map((vip) => [vip.address, vip]));
    const taken = [...(this.standing?.values() ?? [])].filter(({ address, state }) => {
      return state !== 'refused' && this.applied?.wanted.vips.some((vip) => vip.address === address);
    });
    const missing = taken.filter(({ address }) => !found.has(address));
    const names = new Set(taken.map(({ address }) => address));
    const foreign = [...found.values()].filter(({ address }) => !names.has(address));
    for (const vip of this.standing?.values() ?? [])
      if (vip.state === 'refused' && !found.has(vip.address)) found.set(vip.address, vip);
    const drift = [...missing, ...foreign].map(({ address }) => address).sort(compareAddresses);
    if (drift.length > 0 && drift.join() !== this.drift) {
      this.parts.tally.drifts += 1;
      this.parts.log.warn(
        { method: this.method, vips: drift },
        'VIPs are not announced as they were, announcing them again',
      );
    }
    this.drift = drift.join();
    if (drift.length === 0) this.standing = found;
    return drift.length === 0;
  }

  private lookLater(): void {
    clearTimeout(this.lookTimer);
    if (this.isStopped) return;
    const soonMs = UNSETTLED_MS * 2 ** Math.min(this.looks, 16);
    this.lookTimer =
      this.isSettled() || soonMs > this.syncMs
        ? setTimeout(() => this.sync(), this.syncMs).unref()
        : setTimeout(() => this.look(), soonMs).unref();
  }

  /** Whether all routers have what they shall: a daemon that took a VIP still has to tell them, and nobody says when it has. */
  private isSettled(): boolean {
    const up = new Set(this.sessions.filter(({ state }) => state === 'up').map(({ name }) => name));
    const vips = this.applied?.wanted.vips ?? [];
    return vips.every(({ address, route }) => {
      const told = this.standing?.get(address)?.to;
      return !told || !route || route.peers.every((peer) => !up.has(peer) || told.includes(peer));
    });
  }

  private succeeded(): void {
    if (this.failure) this.parts.log.info({ method: this.method }, 'VIPs are announced again');
    this.failures = 0;
    this.failure = undefined;
    this.givenUp = undefined;
    this.failingSinceMs = undefined;
  }

  /** What is refused for good is tried again only when it is asked for, or another wish comes. */
  private failed(wanted: Wish, error: unknown): void {
    const { log, clock } = this.parts;
    if (!this.failure)
      log.error({ err: error, method: this.method }, 'VIPs cannot be announced as they shall');
    this.failure = errorBody(error);
    this.failingSinceMs ??= clock.now();
    if (ERRORS[this.failure.code].retryable) this.failures += 1;
    else {
      this.failures = 0;
      this.givenUp = wanted;
    }
  }
}

/** What an announcer may be told of a wish. */
async function allowed(
  { wanted, onlyStanding }: Wish,
  announcer: VipAnnouncer,
): Promise<WantedAnnouncements> {
  if (!onlyStanding) return wanted;
  const there = new Set((await announcer.observe(DEADLINE)).map(({ address }) => address));
  return { ...wanted, vips: wanted.vips.filter(({ address }) => there.has(address)) };
}
