import type { LeaderLease } from '@signalbox/contracts';
import * as leases from './lease-state.js';
import { adoptedUntilMs, KERNEL_LATE_MS, lifetimeUntil, SETTING_MS } from './lease-times.js';
import { dueAtMs, nextWrite, permitOf } from './lease-turn.js';

/** Numbers between 0 and 1 from one seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** What goes wrong in a world, at random. */
export interface Mishaps {
  /** Longest way of a message. Milliseconds. */
  readonly mostDelayMs: number;
  /** Share of the messages that are lost, in each direction. */
  readonly loss: number;
  readonly preempt: boolean;
}

interface Stored {
  readonly revision: number;
  readonly lease: LeaderLease | undefined;
}

/** One VIP, a bucket, and nodes whose clocks run differently, in one thread of made-up time. Every message may be late, lost, or both. */
export class LeaseWorld {
  nowMs = 0;
  readonly nodes: WorldNode[];
  /** Incarnation of the server: what was read of one before is over. */
  server = 1;
  isServerUp = true;
  stored: Stored = { revision: 0, lease: undefined };
  revision = 0;
  /** Instants at which more than one kernel had the address. */
  readonly clashes: string[] = [];
  private readonly queue: { readonly atMs: number; readonly order: number; readonly work: () => void }[] = [];
  private order = 0;

  constructor(
    count: number,
    readonly leaseMs: number,
    readonly mishaps: Mishaps,
    readonly random: () => number,
  ) {
    this.nodes = Array.from({ length: count }, (_, rank) => new WorldNode(this, `n${rank}`, rank));
  }

  get calmWay(): number {
    return 1 + this.random() * 5;
  }

  /** Milliseconds of a message; undefined: it is lost. */
  way(): number | undefined {
    const { loss, mostDelayMs } = this.mishaps;
    if (this.random() < loss) return undefined;
    return this.random() < 0.8 ? this.calmWay : this.random() * mostDelayMs;
  }

  at(atMs: number, work: () => void): void {
    this.queue.push({ atMs, order: (this.order += 1), work });
  }

  /** Goes on until then. */
  run(untilMs: number): void {
    for (;;) {
      let first = -1;
      for (let at = 0; at < this.queue.length; at += 1) {
        const [one, best] = [this.queue[at]!, this.queue[first]];
        if (!best || one.atMs < best.atMs || (one.atMs === best.atMs && one.order < best.order)) first = at;
      }
      const next = this.queue[first];
      if (!next || next.atMs > untilMs) break;
      this.queue.splice(first, 1);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.work();
      const having = this.nodes.filter((node) => node.hasAddress);
      if (having.length > 1)
        this.clashes.push(`${Math.round(this.nowMs)}: ${having.map(({ name }) => name).join()}`);
    }
    this.nowMs = untilMs;
  }

  /** The server takes a message, or refuses it. */
  store(expected: number, lease: LeaderLease): number | undefined {
    if (expected !== this.stored.revision) return undefined;
    this.stored = { revision: (this.revision += 1), lease };
    for (const node of this.nodes) node.tell(this.stored);
    return this.revision;
  }

  /** Begins anew, with what it had, with an older state of it, or with nothing. */
  restartServer(stored: Stored, revision: number): void {
    this.server += 1;
    [this.stored, this.revision] = [stored, revision];
    for (const node of this.nodes) node.connect();
  }
}

/** An agent, its clock and its kernel. */
export class WorldNode {
  state: leases.LeaseState;
  isStopped = false;
  isCutOff = false;
  private readonly rate: number;
  private readonly offsetMs: number;
  /** By the time of the world. */
  private addressUntilMs = 0;
  private isSetting = false;
  private setUntilMs = 0;
  private setAtMs = 0;
  private lifetime = 0;
  private readings = 0;
  private isReading = false;
  private told = 0;
  private deaf: (() => void)[] = [];

  constructor(
    private readonly world: LeaseWorld,
    readonly name: string,
    rank: number,
  ) {
    this.rate = world.random() < 0.5 ? 0.99 : 1.01;
    this.offsetMs = world.random() * 1e6;
    const terms = {
      node: name,
      run: `${name}-1`,
      rank,
      preempt: world.mishaps.preempt,
      leaseMs: world.leaseMs,
    };
    this.state = leases.loseAddress(leases.want(leases.initialLease(terms), true));
    this.connect();
  }

  get hasAddress(): boolean {
    return this.addressUntilMs > this.world.nowMs;
  }

  /** What the kernel tells: it counts whole seconds since the address was set. */
  private get leftSeconds(): number {
    return this.lifetime - Math.floor((this.nowMs - this.setAtMs) / 1000);
  }

  /** By the own clock. */
  get nowMs(): number {
    return this.offsetMs + this.world.nowMs * this.rate;
  }

  /** A reading begins as soon as the server is reached. */
  connect(): void {
    const { world } = this;
    this.readings += 1;
    this.isReading = false;
    const [reading, { server }] = [this.readings, world];
    this.told = world.nowMs;
    const delayMs = this.isCutOff || !world.isServerUp ? undefined : world.calmWay;
    if (delayMs === undefined) return world.at(world.nowMs + 100, () => this.again(reading));
    world.at(world.nowMs + delayMs, () => {
      if (reading !== this.readings || server !== world.server || this.isCutOff) return this.again(reading);
      const { stored } = world;
      this.isReading = true;
      this.hear(() => (this.state = leases.beginReading(this.state, reading, this.nowMs)));
      if (stored.revision > 0) this.tell(stored);
    });
  }

  /** A message of the key comes, in order, at some time; one that is lost breaks the reading off. */
  tell({ revision, lease }: Stored): void {
    const { world, readings } = this;
    if (!this.isReading) return;
    const delayMs = this.isCutOff ? undefined : world.way();
    if (delayMs === undefined) return this.connect();
    this.told = Math.max(this.told, world.nowMs + delayMs);
    world.at(this.told, () => {
      if (readings !== this.readings) return;
      this.hear(() => (this.state = leases.readKey(this.state, revision, lease, this.nowMs)));
    });
  }

  want(isWanted: boolean): void {
    this.hear(() => (this.state = leases.want(this.state, isWanted)));
  }

  /** The process stops, and its kernel does not. */
  stop(forMs: number): void {
    this.isStopped = true;
    this.world.at(this.world.nowMs + forMs, () => {
      this.isStopped = false;
      for (const work of this.deaf.splice(0)) work();
      this.turn();
    });
  }

  /** The process dies, and another one of the node begins. */
  restart(): void {
    const { terms, isWanted } = this.state;
    const run = `${terms.run.split('-')[0]}-${Math.floor(this.world.random() * 1e9)}`;
    this.deaf = [];
    this.state = leases.want(leases.initialLease({ ...terms, run }), isWanted);
    if (!this.hasAddress) this.state = leases.loseAddress(this.state);
    else this.state = leases.adopt(this.state, adoptedUntilMs(this.leftSeconds, this.nowMs));
    this.connect();
    this.turn();
  }

  private again(reading: number): void {
    if (reading === this.readings) this.connect();
  }

  private hear(work: () => void): void {
    if (this.isStopped) {
      this.deaf.push(work);
      return;
    }
    work();
    this.turn();
  }

  private turn(): void {
    if (this.isStopped) return;
    this.changeKernel();
    const { world } = this;
    for (let write; (write = nextWrite(this.state, this.nowMs));) {
      this.state = leases.sendWrite(this.state, write);
      this.post(write);
    }
    const dueMs = dueAtMs(this.state, this.nowMs);
    if (dueMs !== undefined)
      world.at(Math.max(world.nowMs + 1, (dueMs - this.offsetMs) / this.rate), () =>
        this.hear(() => undefined),
      );
  }

  /** One call of the kernel at a time; a child sets an address, unless it is too late by then, also when its agent is no more. */
  private changeKernel(): void {
    const { world } = this;
    if (this.isSetting) return;
    const untilMs = permitOf(this.state, this.nowMs);
    if (untilMs === undefined) {
      this.addressUntilMs = 0;
      if (this.state.mayHaveAddress) this.state = leases.loseAddress(this.state);
      return;
    }
    const lifetime = lifetimeUntil(untilMs, this.nowMs);
    if (!lifetime || untilMs === this.setUntilMs) return;
    this.setUntilMs = untilMs;
    this.state = leases.setAddress(this.state);
    this.isSetting = true;
    world.at(world.nowMs + world.random() * SETTING_MS * 1.5, () => {
      this.isSetting = false;
      if (this.nowMs <= lifetime.notAfterMs) {
        [this.setAtMs, this.lifetime] = [this.nowMs, lifetime.seconds];
        // the kernel counts by the same clock
        const lastMs = (lifetime.seconds * 1000) / this.rate + world.random() * KERNEL_LATE_MS;
        this.addressUntilMs = world.nowMs + lastMs;
        world.at(this.addressUntilMs, () => undefined);
      }
      this.hear(() => undefined);
    });
  }

  private post(write: leases.SentWrite): void {
    const { world } = this;
    const [server, there] = [world.server, this.isCutOff ? undefined : world.way()];
    const isOver = { now: false };
    const over = (change: () => void): void => {
      if (isOver.now) return;
      isOver.now = true;
      this.hear(change);
    };
    world.at(world.nowMs + world.leaseMs / 5, () =>
      over(() => (this.state = leases.miss(this.state, write, 'unknown'))),
    );
    if (there === undefined) return;
    // one that waited in a client is sent to whatever server comes next
    world.at(world.nowMs + there, () => {
      if (!world.isServerUp || (server !== world.server && world.random() < 0.5)) return;
      const revision = world.store(write.expected, write.lease);
      const back = this.isCutOff ? undefined : world.way();
      if (back === undefined) return;
      world.at(world.nowMs + back, () =>
        over(() => {
          this.state =
            revision === undefined
              ? leases.miss(this.state, write, 'outdated')
              : leases.acknowledge(this.state, write, revision);
        }),
      );
    });
  }
}
