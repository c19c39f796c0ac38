import { randomUUID } from 'node:crypto';
import { WrongSequenceError } from '@signalbox/bus';
import { leaderSubject, type NodeVip } from '@signalbox/contracts';
import * as leases from '../../domain/leases/lease-state.js';
import { adoptedUntilMs, renewalMs } from '../../domain/leases/lease-times.js';
import { dueAtMs, nextWrite, permitOf } from '../../domain/leases/lease-turn.js';
import type { LeaderKey, Leaders } from '../../leases/leaders.js';
import { uptimeMs } from '../../leases/uptime.js';

/** Lease of a VIP whose Announcement names none. Milliseconds. */
const LEASE_MS = 10_000;

/** A timer waits no longer than this: one that is due sooner than a hundredth of a second is due now. Milliseconds. */
const SHORTEST_WAIT_MS = 10;

/** A VIP, its lease, and where its address lies. */
export interface HeldVip {
  readonly address: string;
  readonly interface: string;
  readonly state: leases.LeaseState;
  /** When the neighbours were told last, and how often since the address came. */
  readonly told: number;
}

/**
 * The leases of the VIPs of one node: what the bucket says goes in, what the rules want to be written goes out. Whoever changes the kernel asks
 * here for how long, and says what the kernel then has.
 */
export class HeldVips {
  private readonly run = randomUUID();
  private readonly held = new Map<string, HeldVip>();
  private readonly bySubject = new Map<string, string>();
  private readonly forget: () => void;
  private timer: NodeJS.Timeout | undefined;
  private soon: NodeJS.Immediate | undefined;
  private isClosed = false;

  /** `turned`: something came, or was due: the kernel may have to be changed. */
  constructor(
    private readonly node: string,
    private readonly leaders: Leaders,
    private readonly turned: () => void,
  ) {
    this.forget = leaders.listen({
      began: (reading, sinceMs) => {
        for (const address of this.held.keys())
          this.change(address, (state) => leases.beginReading(state, reading, sinceMs));
        this.turnSoon();
      },
      read: (subject, key) => {
        const address = this.bySubject.get(subject);
        if (address === undefined) return;
        this.change(address, (state) => readInto(state, key));
        this.turnSoon();
      },
    });
  }

  get all(): readonly HeldVip[] {
    return [...this.held.values()];
  }

  get(address: string): HeldVip | undefined {
    return this.held.get(address);
  }

  /** The node is ready for it. Says whether that, or how it is led, is new. */
  want(vip: NodeVip): boolean {
    const { address, leadership } = vip;
    const terms: leases.LeaseTerms = {
      node: this.node,
      run: this.run,
      rank: leadership?.rank ?? 0,
      preempt: leadership?.preempt ?? false,
      leaseMs: leadership?.leaseMs ?? LEASE_MS,
    };
    const before = this.held.get(address);
    const isMoved = before !== undefined && before.interface !== vip.interface;
    const { state } = before ?? this.begin(address, vip.interface, terms);
    const isNew = !state.isWanted || isMoved || JSON.stringify(state.terms) !== JSON.stringify(terms);
    this.held.set(address, {
      ...{ address, interface: vip.interface, told: isMoved ? 0 : (before?.told ?? 0) },
      state: leases.want(state, true, terms),
    });
    return isNew;
  }

  /** The node does not want it any more: its address goes, and then the lease is given back. */
  unwant(address: string): void {
    this.change(address, (state) => leases.want(state, false));
  }

  /** An address of ours was found that a process before this one set. */
  adopt(address: string, device: string, leftSeconds: number): void {
    const terms = { node: this.node, run: this.run, rank: 0, preempt: false, leaseMs: LEASE_MS };
    if (!this.held.has(address)) this.held.set(address, { ...this.begin(address, device, terms), told: 1 });
    this.change(address, (state) => leases.adopt(state, adoptedUntilMs(leftSeconds, uptimeMs())));
  }

  /** Until when the kernel may have it, by the uptime of the machine; undefined: not now. */
  permit({ state }: HeldVip, nowMs: number = uptimeMs()): number | undefined {
    return permitOf(state, nowMs);
  }

  /** The kernel is about to have it. */
  setting(address: string): void {
    this.change(address, leases.setAddress);
  }

  /** The kernel has it no more. */
  gone(address: string): void {
    this.change(address, leases.loseAddress, 0);
  }

  /** Neighbours were told once more. */
  told(address: string): void {
    const vip = this.held.get(address);
    if (vip) this.held.set(address, { ...vip, told: vip.told + 1 });
  }

  /** Sends what is due, and waits for what will be. */
  turn(): void {
    clearTimeout(this.timer);
    clearImmediate(this.soon);
    this.soon = undefined;
    if (this.isClosed) return;
    const nowMs = uptimeMs();
    let nextMs = Infinity;
    for (const { address, state } of this.held.values()) {
      if (this.leaders.isUp) this.send(address, nextWrite(state, nowMs));
      const after = this.held.get(address)!.state;
      if (this.isOver(after, nowMs)) this.drop(address);
      else nextMs = Math.min(nextMs, this.wakeMs(after, nowMs));
    }
    if (Number.isFinite(nextMs))
      this.timer = setTimeout(() => this.turn(), Math.max(SHORTEST_WAIT_MS, nextMs - nowMs));
    this.turned();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    clearImmediate(this.soon);
    this.forget();
  }

  /** While NATS is away nothing is sent, and what is due is looked at when it is there again, or by and by. */
  private wakeMs(state: leases.LeaseState, nowMs: number): number {
    const dueMs = dueAtMs(state, nowMs) ?? Infinity;
    return this.leaders.isUp ? dueMs : Math.max(dueMs, nowMs + renewalMs(state.terms.leaseMs) / 4);
  }

  private begin(address: string, device: string, terms: leases.LeaseTerms): HeldVip {
    let state = leases.initialLease(terms);
    const { reading } = this.leaders;
    const key = this.leaders.keyOf(address);
    if (reading) state = leases.beginReading(state, reading.number, reading.sinceMs);
    if (key) state = readInto(state, key);
    this.bySubject.set(leaderSubject(address), address);
    return { address, interface: device, state, told: 0 };
  }

  private change(address: string, how: (state: leases.LeaseState) => leases.LeaseState, told?: number): void {
    const vip = this.held.get(address);
    if (vip) this.held.set(address, { ...vip, state: how(vip.state), ...(told !== undefined && { told }) });
  }

  private send(address: string, write: leases.SentWrite | undefined): void {
    if (!write) return;
    this.change(address, (state) => leases.sendWrite(state, write));
    const timeoutMs = renewalMs(write.lease.leaseMs);
    this.leaders.write(address, write.expected, write.lease, timeoutMs).then(
      (revision) => this.settle(address, (state) => leases.acknowledge(state, write, revision)),
      (error: unknown) => {
        const why = error instanceof WrongSequenceError ? 'outdated' : 'unknown';
        this.settle(address, (state) => leases.miss(state, write, why));
      },
    );
  }

  private settle(address: string, how: (state: leases.LeaseState) => leases.LeaseState): void {
    this.change(address, how);
    this.turnSoon();
  }

  /** Once for everything that came together. */
  private turnSoon(): void {
    this.soon ??= setImmediate(() => this.turn());
  }

  /** Not wanted, not in the kernel, given back. */
  private isOver(state: leases.LeaseState, nowMs: number): boolean {
    const { isWanted, mayHaveAddress, inFlight, seen, terms } = state;
    if (isWanted || mayHaveAddress || inFlight) return false;
    const isOwnKey = seen?.lease?.node === terms.node && !seen.lease.released;
    return !isOwnKey || nowMs > seen.atMs + terms.leaseMs;
  }

  private drop(address: string): void {
    this.held.delete(address);
    this.bySubject.delete(leaderSubject(address));
  }
}

function readInto(state: leases.LeaseState, { revision, lease, atMs }: LeaderKey): leases.LeaseState {
  return leases.readKey(state, revision, lease, atMs);
}
