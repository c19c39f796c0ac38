import {
  DEFAULT_QUARANTINE,
  DueHeap,
  familyOf,
  formatTime,
  holderKey,
  holderOf,
  isUsable,
  mayShare,
  parseDuration,
  readScopedName,
  serves,
  timestampMs,
  type Vip,
  type VipPlan,
  VipPoolIndex,
  type VipPoolModel,
  type VipRecord,
  type VipWaitCode,
  type VipWish,
} from '@signalbox/contracts';
import { VipLedger } from './vip-ledger.js';
import { VipSupply } from './vip-supply.js';

/** What a holder asks for from now on; undefined: nothing. */
export interface VipAsk {
  /** See `holderKey`. */
  readonly key: string;
  readonly wish: VipWish | undefined;
}

/** What a pool has to give; the same as long as its ranges are. */
interface Supply {
  readonly ranges: string;
  readonly supply: VipSupply;
}

/** An address, or why there is none. */
type Found =
  | { readonly address: string; readonly pool: string }
  | { readonly code: VipWaitCode; readonly reason: string };

/**
 * Decides who has which VIP. Every decision is a record, which is folded at once, and has to be stored before anybody uses what it
 * says. Costs the same however many holders and addresses there are. ADR 0025, spec/balance "VIPs".
 */
export class VipGranting {
  readonly ledger = new VipLedger();
  private pools = new VipPoolIndex([]);
  private readonly supplies = new Map<string, Supply>();
  private readonly wishes = new Map<string, VipWish>();
  /** Those that wait for any address, longest first. */
  private readonly waitingForAny = new Set<string>();
  /** Address → those that wait for it, longest first. */
  private readonly waitingFor = new Map<string, Set<string>>();
  private readonly quarantines = new DueHeap();
  /** Addresses of which something changed since those who wait for them were looked at. */
  private readonly moved = new Set<string>();

  /** Goes on behind these records: call it once, before anything is asked for. */
  restore(records: Iterable<VipRecord>): void {
    for (const record of records) this.ledger.evolve(record);
    for (const [address, { until }] of this.ledger.atRest) this.quarantines.set(address, timestampMs(until));
  }

  /** When the first quarantine is over, epoch ms; undefined while there is none. */
  get nextDueMs(): number | undefined {
    return this.quarantines.nextMs;
  }

  /** Holders, and addresses in quarantine. */
  get size(): number {
    return this.wishes.size + this.ledger.restCount;
  }

  /** The VipPools as they are now. Whoever has an address keeps it; {@link again} says what follows for the others. */
  setPools(models: Iterable<VipPoolModel>): void {
    this.pools = new VipPoolIndex(models);
    const before = new Map(this.supplies);
    this.supplies.clear();
    for (const pool of this.pools.all) {
      const ranges = pool.usable.map(({ family, first, last }) => `${family} ${first}-${last}`).join();
      const known = before.get(pool.name);
      const supply = known?.ranges === ranges ? known.supply : new VipSupply(pool);
      this.supplies.set(pool.name, { ranges, supply });
    }
  }

  /**
   * What follows from these asks: whoever asks for nothing any more, or for something else, gives back what it had; then those who
   * waited, those who ask for one address, and those who ask for any are served, in this order.
   */
  decide(asks: readonly VipAsk[], nowMs: number): VipRecord[] {
    const turn = new Turn(this.ledger, nowMs);
    const asking: VipWish[] = [];
    for (const { key, wish } of asks) {
      this.forget(key);
      if (wish) this.wishes.set(key, wish);
      const address = this.ledger.addressOf(key);
      if (wish && address !== undefined && this.stillFits(wish, address)) this.retell(wish, address, turn);
      else {
        if (address !== undefined || !wish) this.release(key, address, turn);
        if (wish) asking.push(wish);
      }
    }
    this.serveWaiting(turn);
    for (const wish of asking) if (wish.address !== undefined) this.grant(wish, turn);
    for (const wish of asking) if (wish.address === undefined) this.grant(wish, turn);
    return turn.records;
  }

  /** What holders would give back, and would then ask for: which address that is, only a decision tells. Decides nothing. */
  outlook(asks: readonly VipAsk[]): VipPlan[] {
    return asks.flatMap(({ key: holder, wish }): VipPlan[] => {
      const held = this.ledger.addressOf(holder);
      if (held !== undefined && wish && this.stillFits(wish, held)) return [];
      const released: VipPlan[] = held === undefined ? [] : [{ action: 'released', holder, address: held }];
      const isAsked = wish !== undefined && !this.ledger.waitOf(holder) && !this.isNobodys(wish);
      if (!isAsked) return released;
      const { address, pool } = wish;
      const asked = { ...(address !== undefined && { address }), ...(pool !== undefined && { pool }) };
      return [...released, { action: 'claimed', holder, ...asked }];
    });
  }

  /** What follows from other pools or from the time: asks again for all that have no address. */
  again(nowMs: number): VipRecord[] {
    const without = [...this.wishes].filter(([key]) => this.ledger.addressOf(key) === undefined);
    return this.decide(
      without.map(([key, wish]) => ({ key, wish })),
      nowMs,
    );
  }

  /** What follows from quarantines that are over. */
  due(nowMs: number): VipRecord[] {
    const turn = new Turn(this.ledger, nowMs);
    for (const address of this.quarantines.dueBy(nowMs)) {
      const { pool } = this.ledger.restingVip(address)!;
      turn.tell({ type: 'freed', at: turn.at, address });
      this.cameBack(address, pool);
    }
    this.serveWaiting(turn);
    return turn.records;
  }

  /** Where a holder is, by its key; `written`: the address that stands in it, which is its own where no pool has it. */
  vipOf(key: string, written?: string): Vip {
    const address = this.ledger.addressOf(key);
    if (address !== undefined) return { address };
    if (written !== undefined && !this.pools.poolOf(written)) return { address: written };
    return { waits: this.ledger.waitOf(key)?.reason ?? `${key} has no address yet` };
  }

  private grant(wish: VipWish, turn: Turn): void {
    const { holder, project, address, sharing } = wish;
    const key = holderKey(holder);
    if (this.isNobodys(wish)) {
      if (this.ledger.waitOf(key)) turn.tell({ type: 'released', at: turn.at, holder, project });
      return;
    }
    const found = address === undefined ? this.anyFor(wish, key) : this.thatFor(wish, key, address);
    if (!('address' in found)) return this.wait(wish, key, found, turn);
    this.quarantines.delete(found.address);
    const terms = sharing === undefined ? {} : { sharing };
    turn.tell({ type: 'leased', at: turn.at, holder, project, ...found, ...terms });
  }

  /** Whether it is a written address that nobody hands out. */
  private isNobodys({ holder, address }: VipWish): boolean {
    return address !== undefined && holder.kind !== 'VipClaim' && !this.pools.poolOf(address);
  }

  private thatFor(wish: VipWish, key: string, address: string): Found {
    const held = this.ledger.heldVip(address);
    if (held) {
      if (mayShare(held, wish)) return { address, pool: held.pool };
      const [other] = held.holders.keys();
      return refusal('vip-taken', `${address} is held by ${seenFrom(wish.project, other!)}`);
    }
    const pool = this.pools.poolOf(address);
    const whose = pool ? `VipPool/${pool.name}` : 'no VipPool';
    if (!pool || (wish.pool ?? pool.name) !== pool.name)
      return refusal('vip-refused', `${address} belongs to ${whose}`);
    if (!serves(pool, wish.project) || !isUsable(pool, address))
      return refusal('vip-refused', `${whose} does not give ${address} to project ${wish.project}`);
    const rest = this.ledger.restingVip(address);
    if (!rest || rest.last === key) return { address, pool: pool.name };
    return refusal(
      'vip-in-quarantine',
      `${address} was given up by ${seenFrom(wish.project, rest.last)} and rests until ${rest.until}`,
    );
  }

  private anyFor(wish: VipWish, key: string): Found {
    const before = this.ledger.lastOfHolder(key);
    const last = before === undefined ? undefined : this.sourceOf(before, wish);
    if (before !== undefined && last) return { address: before, pool: last.name };
    if (wish.sharing !== undefined)
      for (const address of this.ledger.sharedBy(wish.project, wish.sharing)) {
        const { pool } = this.ledger.heldVip(address)!;
        if (this.isWanted(address, pool, wish)) return { address, pool };
      }
    const pools = this.poolsFor(wish);
    for (const pool of pools) {
      const address = this.supplies.get(pool.name)!.supply.take(wish.family, (one) => this.isFree(one));
      if (address !== undefined) return { address, pool: pool.name };
    }
    const which = wish.family === undefined ? 'address' : `${wish.family} address`;
    const names = pools.map(({ name }) => `VipPool/${name}`).join(', ');
    if (names === '') return refusal('vip-refused', `no VipPool hands out an ${which} here`);
    return refusal('vip-exhausted', `${names} ${pools.length === 1 ? 'has' : 'have'} no free ${which}`);
  }

  private poolsFor({ pool, project }: VipWish): readonly VipPoolModel[] {
    const named = pool === undefined ? undefined : this.pools.get(pool);
    const pools = pool === undefined ? this.pools.all.filter(({ autoAssign }) => autoAssign) : [named];
    return pools.filter((one): one is VipPoolModel => one !== undefined && serves(one, project));
  }

  /** The pool that may give this address to a wish for any; undefined when none may. */
  private sourceOf(address: string, wish: VipWish): VipPoolModel | undefined {
    const pool = this.pools.poolOf(address);
    const may =
      pool &&
      serves(pool, wish.project) &&
      isUsable(pool, address) &&
      this.isWanted(address, pool.name, wish);
    return may ? pool : undefined;
  }

  /** Whether it is of the pool and of the family that are asked for. */
  private isWanted(address: string, pool: string, wish: VipWish): boolean {
    return (wish.pool ?? pool) === pool && (wish.family ?? familyOf(address)) === familyOf(address);
  }

  private isFree(address: string): boolean {
    return !this.ledger.heldVip(address) && !this.ledger.restingVip(address);
  }

  /** What a holder has is taken away only when it asks for something else, or may no longer share it. */
  private stillFits(wish: VipWish, address: string): boolean {
    const held = this.ledger.heldVip(address)!;
    if (held.holders.size > 1 && !mayShare(held, wish)) return false;
    return wish.address === undefined ? this.isWanted(address, held.pool, wish) : wish.address === address;
  }

  /** It goes on with the address, on terms that may be others. */
  private retell(wish: VipWish, address: string, turn: Turn): void {
    const { pool, sharing: before } = this.ledger.heldVip(address)!;
    const { holder, project, sharing } = wish;
    if (before === sharing) return;
    this.moved.add(address);
    const terms = sharing === undefined ? {} : { sharing };
    turn.tell({ type: 'leased', at: turn.at, holder, project, address, pool, ...terms });
  }

  private release(key: string, address: string | undefined, turn: Turn): void {
    const holder = holderOf(key);
    const { project } = readScopedName(holder.name);
    const released = { type: 'released', at: turn.at, holder, project } as const;
    if (address === undefined) {
      if (this.ledger.waitOf(key)) turn.tell(released);
      return;
    }
    const { pool, holders } = this.ledger.heldVip(address)!;
    const quarantineMs = this.pools.get(pool)?.quarantineMs ?? parseDuration(DEFAULT_QUARANTINE);
    const untilMs = turn.nowMs + quarantineMs;
    this.moved.add(address);
    if (holders.size > 1) turn.tell({ ...released, address, pool, rest: 'held' });
    else if (quarantineMs === 0) {
      turn.tell({ ...released, address, pool, rest: 'free' });
      this.cameBack(address, pool);
    } else {
      turn.tell({ ...released, address, pool, rest: 'quarantined', until: formatTime(untilMs) });
      this.quarantines.set(address, untilMs);
    }
  }

  private cameBack(address: string, pool: string): void {
    this.quarantines.delete(address);
    // its pool may have been changed meanwhile
    const now = this.pools.poolOf(address);
    this.supplies.get(now?.name ?? pool)?.supply.giveBack(address);
    this.moved.add(address);
  }

  /** Serves those who wait for what moved since the last time, longest first. */
  private serveWaiting(turn: Turn): void {
    for (const address of this.moved) {
      for (const key of [...(this.waitingFor.get(address) ?? [])]) this.ask(key, turn);
      for (const key of this.waitingForAny) {
        if (!this.isFree(address)) break;
        if (!this.sourceOf(address, this.wishes.get(key)!)) continue;
        // it may get another one that came back meanwhile: then the next gets this
        this.ask(key, turn);
        if (this.ledger.addressOf(key) === undefined) break;
      }
    }
    this.moved.clear();
  }

  private ask(key: string, turn: Turn): void {
    const wish = this.wishes.get(key)!;
    this.forget(key);
    this.wishes.set(key, wish);
    this.grant(wish, turn);
  }

  private wait(
    wish: VipWish,
    key: string,
    { code, reason }: Exclude<Found, { address: string }>,
    turn: Turn,
  ): void {
    const { address, holder, project } = wish;
    if (address === undefined) this.waitingForAny.add(key);
    else {
      const others = this.waitingFor.get(address);
      if (others) others.add(key);
      else this.waitingFor.set(address, new Set([key]));
    }
    const before = this.ledger.waitOf(key);
    if (before?.code === code && before.reason === reason) return;
    turn.tell({ type: 'waiting', at: turn.at, holder, project, code, reason });
  }

  private forget(key: string): void {
    const address = this.wishes.get(key)?.address;
    this.wishes.delete(key);
    this.waitingForAny.delete(key);
    if (address === undefined) return;
    const others = this.waitingFor.get(address);
    others?.delete(key);
    if (others?.size === 0) this.waitingFor.delete(address);
  }
}

function refusal(code: VipWaitCode, reason: string): Found {
  return { code, reason };
}

/** A holder as a project may see it: names of others are not its business. */
function seenFrom(project: string, key: string): string {
  return readScopedName(holderOf(key).name).project === project ? key : 'another project';
}

/** What is decided together. */
class Turn {
  readonly records: VipRecord[] = [];
  readonly at: string;

  constructor(
    private readonly ledger: VipLedger,
    readonly nowMs: number,
  ) {
    this.at = formatTime(nowMs);
  }

  tell(record: VipRecord): void {
    this.records.push(record);
    this.ledger.evolve(record);
  }
}
