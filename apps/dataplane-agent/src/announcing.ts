import { type AnnounceMethod, canonicalJson, formatTime, type NodeVip } from '@signalbox/contracts';
import type { Clock, Log } from '@signalbox/runtime';
import { AnnounceTally } from './announce-tally.js';
import { AnnouncerLane } from './announcers/announcer-lane.js';
import type { AnnouncerFactory } from './announcers/announcer-of.js';
import type { FailingAnnouncer } from './domain/agent-alarms.js';
import {
  heldOf,
  leavesAtMs,
  nextOutgoing,
  NOTHING_OUTGOING,
  type Outgoing,
  vipKey,
  withdrawn,
} from './domain/announcing/outgoing.js';
import { byName, servingAsWanted, type ServingListener, whyNotReady } from './domain/announcing/readiness.js';
import { reportPeers, reportVips } from './domain/announcing/vip-reports.js';
import { wantedOf } from './domain/announcing/wanted.js';
import type { Desired, HeldListener } from './domain/desired.js';
import { type AnnounceReport, briefly } from './domain/node-report.js';
import type { KeptFile } from './kept-file.js';
import type { LinkAddress } from './local-vips/link-addresses.js';
import type { LocalVips } from './local-vips/local-vips.js';

/** What announcing works with. */
export interface AnnouncingParts {
  readonly make: AnnouncerFactory;
  readonly addresses: LocalVips;
  readonly kept: KeptFile;
  readonly clock: Clock;
  readonly log: Log;
}

/** What an agent gives its VIPs whose data plane ends with it, at most. Milliseconds. */
const RETIRE_MS = { withdraw: 2_000, drain: 3_000 } as const;

type Serving = ReadonlyMap<string, ServingListener>;

/**
 * Which VIPs the node has on the network now: those that its data plane is ready for. A turn of the data plane is followed by their
 * announcement, and what leaves is withdrawn first, then served until it is drained. ADR 0042.
 */
export class Announcing {
  readonly tally = new AnnounceTally();
  /** Listeners that are in no state any more and go on: another list whenever they are others. */
  held: readonly HeldListener[] = [];
  private readonly lanes = new Map<AnnounceMethod, AnnouncerLane>();
  private desired: Desired | undefined;
  /** What the state of now would serve when all of it stood. */
  private expected: Serving = new Map();
  /** What serves of it; undefined: it was not applied yet, or the data plane does not say. */
  private serving: Serving | undefined;
  /** Why the data plane serves nobody. */
  private deadWhy: string | undefined;
  /** A state stood in this process: what is ready is known, and may come onto the network. */
  private hasStood = false;
  private hasFailed = false;
  private reasons = new Map<string, string>();
  private keptText = '';
  private leaveTimer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private current: AnnounceReport;
  private workListener: () => void = () => undefined;
  private reportListener: () => void = () => undefined;

  constructor(private readonly parts: AnnouncingParts) {
    const { vips, peers } = parts.kept.memory.told?.report ?? {};
    this.current = { ...(vips && { vips }), ...(peers && { peers }) };
    this.held = heldOf(this.outgoing);
  }

  /** How the VIPs and sessions of the node are. */
  get report(): AnnounceReport {
    return this.current;
  }

  /** Announcers that do not do what they shall, and since when. */
  get failures(): readonly FailingAnnouncer[] {
    return [...this.lanes.values()].flatMap(({ method, failingSinceMs: sinceMs, view: { failure } }) =>
      failure && sinceMs !== undefined ? [{ method, sinceMs, error: briefly(failure) }] : [],
    );
  }

  /** Calls `listener` whenever the data plane has to be looked at: a VIP has left. */
  onWork(listener: () => void): void {
    this.workListener = listener;
  }

  /** Calls `listener` whenever VIPs or sessions may be others. */
  onReport(listener: () => void): void {
    this.reportListener = listener;
  }

  /** Another state is to be applied: what it is not ready for by itself is withdrawn at once. `before`: the one until now. */
  offer(desired: Desired, before: Desired | undefined): void {
    this.desired = desired;
    this.expected = byName(servingAsWanted(desired.state));
    this.serving = undefined;
    this.plan(before);
  }

  /** Makes VIPs addresses of the node, before the data plane listens there. */
  prepare(): Promise<void> {
    return this.parts.addresses.add(this.localVips());
  }

  /** The data plane stands as desired, together with `held`. What a drain has ended is tidied up. */
  async stands(
    desired: Desired,
    held: readonly HeldListener[],
    serving: readonly ServingListener[],
  ): Promise<void> {
    if (desired !== this.desired) return;
    this.serving = byName(serving);
    this.deadWhy = undefined;
    this.hasStood = true;
    this.plan(desired);
    this.tell();
    // what left meanwhile is still listened at
    if (held === this.held) await this.parts.addresses.removeOthers(this.localVips());
  }

  /** The data plane does not do what it shall: what is announced stays, unless it is known to serve nobody. */
  fails(deadWhy: string | undefined): void {
    this.serving = undefined;
    this.deadWhy = deadWhy;
    this.hasFailed = true;
    this.plan(this.desired);
    this.tell();
  }

  /** The data plane ends together with this process: all is withdrawn, and drained as far as there is time. */
  async retire(): Promise<void> {
    const { desired, parts } = this;
    const announced = this.outgoing.wished.filter(({ method }) => this.lanes.has(method));
    if (!desired || announced.length === 0) return;
    this.isStopped = true;
    const lanes = [...this.lanes.values()];
    await Promise.all(
      lanes.map((lane) => {
        const wanted = wantedOf(lane.method, desired, []);
        return lane.wantBefore({ wanted, onlyStanding: false }, RETIRE_MS.withdraw);
      }),
    );
    parts.log.info({ vips: announced.length }, 'VIPs are withdrawn: what serves them ends with the agent');
    const drainMs = Math.max(...announced.map((vip) => vip.drainMs));
    await new Promise((resolve) => setTimeout(resolve, Math.min(drainMs, RETIRE_MS.drain)));
  }

  /** Ends after the turns in work; what is announced stays. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.leaveTimer);
    await Promise.all([...this.lanes.values()].map((lane) => lane.stop()));
  }

  private get outgoing(): Outgoing {
    return this.parts.kept.memory.outgoing ?? NOTHING_OUTGOING;
  }

  /** Decides anew what is announced, and hands it to the announcers. */
  private plan(before: Desired | undefined): void {
    const { desired, outgoing, parts } = this;
    if (!desired || this.isStopped) return;
    const wished = new Set(outgoing.wished.map(vipKey));
    const reasons = new Map<string, string>();
    const isReady = (vip: NodeVip): boolean => {
      const why = this.whyNot(vip, wished.has(vipKey(vip)));
      if (why !== undefined) reasons.set(vipKey(vip), why);
      return why === undefined;
    };
    const next = nextOutgoing(outgoing, before, desired, isReady, parts.clock.now());
    this.reasons = reasons;
    const hasMemory = parts.kept.memory.outgoing !== undefined;
    this.keep(next);
    // a process that has just begun touches nothing before its data plane was tried, nor what it has no memory of
    if (this.hasStood || (this.hasFailed && hasMemory)) this.push(desired);
  }

  private whyNot(vip: NodeVip, isWished: boolean): string | undefined {
    const drained = this.desired?.announcements ?? {};
    const problem = this.parts.addresses.problems.get(vip.address);
    const other = [...this.lanes.values()].find(
      (lane) => lane.method !== vip.method && lane.mayHave(vip.address) && !lane.hasWithdrawn(vip.address),
    );
    return (
      whyNotReady(vip, drained, this.expected) ??
      this.deadWhy ??
      (usesLocalAddress(vip) ? problem : undefined) ??
      (other && `it is still announced by ${other.method}`) ??
      (this.serving
        ? whyNotReady(vip, drained, this.serving)
        : isWished
          ? undefined
          : 'the data plane has not taken it yet')
    );
  }

  private push(desired: Desired): void {
    const { wished, leaving } = this.outgoing;
    const vips = desired.announcements?.vips ?? [];
    const leavers = leaving.map(({ vip }) => vip);
    const methods = new Set([...vips, ...wished, ...leavers].map(({ method }) => method));
    for (const method of methods) {
      const wish = { wanted: wantedOf(method, desired, wished), onlyStanding: !this.hasStood };
      this.laneOf(method).want(wish, desired.syncIntervalMs);
    }
    for (const [method, lane] of this.lanes)
      if (!methods.has(method)) {
        this.lanes.delete(method);
        void lane.stop();
      }
  }

  private laneOf(method: AnnounceMethod): AnnouncerLane {
    const { make, clock, log } = this.parts;
    const lane =
      this.lanes.get(method) ??
      new AnnouncerLane(method, { make, clock, log, tally: this.tally, onTurn: (one) => this.turned(one) });
    this.lanes.set(method, lane);
    return lane;
  }

  /** An announcer did something: a VIP may be withdrawn now, or free for another method. */
  private turned(lane: AnnouncerLane): void {
    if (this.isStopped) return;
    const isGone = ({ method, address }: NodeVip): boolean =>
      method === lane.method && lane.hasWithdrawn(address);
    this.keep(withdrawn(this.outgoing, isGone, this.parts.clock.now()));
    this.plan(this.desired);
    this.tell();
  }

  private keep(next: Outgoing): void {
    const { kept, clock } = this.parts;
    if (canonicalJson(next) !== this.keptText) {
      this.keptText = canonicalJson(next);
      kept.memory.outgoing = next;
      kept.keep();
    }
    const held = heldOf(next);
    const isOther =
      held.length !== this.held.length ||
      held.some(({ digest, listener }, at) => {
        const old = this.held[at];
        return old?.digest !== digest || old.listener.name !== listener.name;
      });
    if (isOther) this.held = held;
    clearTimeout(this.leaveTimer);
    const nextMs = Math.min(...next.leaving.map(leavesAtMs));
    if (Number.isFinite(nextMs) && !this.isStopped)
      this.leaveTimer = setTimeout(() => this.left(), Math.max(0, nextMs - clock.now()) + 1).unref();
  }

  private left(): void {
    this.plan(this.desired);
    this.tell();
    this.workListener();
  }

  /** VIPs that shall be addresses of the node: those to come, and those that leave, too. */
  private localVips(): readonly LinkAddress[] {
    const vips = this.desired?.announcements?.vips ?? [];
    const all = [...vips, ...this.outgoing.leaving.map(({ vip }) => vip)].filter(usesLocalAddress);
    const addresses = all.map(({ address, interface: name }) => ({ address, interface: name }));
    return [...new Map(addresses.map((one) => [`${one.interface} ${one.address}`, one])).values()];
  }

  private tell(): void {
    const { desired, current, parts } = this;
    const at = formatTime(parts.clock.now());
    const announcers = new Map([...this.lanes].map(([method, lane]) => [method, lane.view]));
    const facts = {
      ...{ vips: desired?.announcements?.vips ?? [], outgoing: this.outgoing },
      ...{ reasons: this.reasons, announcers },
    };
    const vips = reportVips(facts, current.vips ?? [], at);
    const peers = reportPeers(facts, current.peers ?? [], at);
    this.tally.changes += changesBetween(current.vips, vips);
    this.current = {
      ...(vips.length > 0 && { vips }),
      ...(peers.length > 0 && { peers }),
      ...(desired?.announcements?.drained && { drained: true }),
    };
    this.reportListener();
  }
}

/** Routers send to the node whatever is for the VIP, so it is an address of it; other methods bring their own. */
function usesLocalAddress({ method }: NodeVip): boolean {
  return method === 'bird' || method === 'gobgp';
}

/** How many VIPs came onto the network, or went from it. */
function changesBetween(before: AnnounceReport['vips'], after: AnnounceReport['vips']): number {
  const announced = (all: AnnounceReport['vips'] = []) =>
    new Set(all.filter(({ state }) => state === 'announced').map(({ address }) => address));
  const [old, now] = [announced(before), announced(after)];
  return [...old].filter((one) => !now.has(one)).length + [...now].filter((one) => !old.has(one)).length;
}
