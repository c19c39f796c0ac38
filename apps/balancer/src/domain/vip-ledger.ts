import { holderKey, type VipHolder, type VipRecord, type VipWaitCode } from '@signalbox/contracts';

/** An address that somebody has. */
export interface HeldVip {
  readonly pool: string;
  readonly project: string;
  readonly sharing?: string;
  /** By key. At least one. */
  readonly holders: ReadonlyMap<string, VipHolder>;
}

/** An address in quarantine. */
export interface RestingVip {
  readonly pool: string;
  readonly until: string;
  /** Key of whoever had it last. */
  readonly last: string;
}

/** Why a holder has no address. */
export interface VipWait {
  /** Since when it waits for this. */
  readonly at: string;
  readonly code: VipWaitCode;
  readonly reason: string;
}

interface Held extends HeldVip {
  readonly holders: Map<string, VipHolder>;
}

/** How many addresses of a pool are not free. */
interface Counts {
  used: number;
  quarantined: number;
}

/** What the records of `activity.vip` say: who has which address, which rest, and who waits. A fold, and nothing else. ADR 0025. */
export class VipLedger {
  private readonly held = new Map<string, Held>();
  private readonly resting = new Map<string, RestingVip>();
  private readonly addresses = new Map<string, string>();
  private readonly waits = new Map<string, VipWait>();
  /** Key of the last holder → its address in quarantine. */
  private readonly lastOf = new Map<string, string>();
  /** Project and sharing → addresses that are shared by it. */
  private readonly shared = new Map<string, Set<string>>();
  private readonly counts = new Map<string, Counts>();

  /** Folds one record. */
  evolve(record: VipRecord): void {
    switch (record.type) {
      case 'leased': {
        const key = holderKey(record.holder);
        this.free(record.address);
        this.waits.delete(key);
        this.take(record, key);
        return;
      }
      case 'waiting':
        this.waits.set(holderKey(record.holder), { at: record.at, code: record.code, reason: record.reason });
        return;
      case 'released': {
        const key = holderKey(record.holder);
        this.waits.delete(key);
        if (record.address !== undefined) this.leave(record.address, key, record.until);
        return;
      }
      case 'freed':
        this.free(record.address);
    }
  }

  /** The address of a holder, by its key. */
  addressOf(key: string): string | undefined {
    return this.addresses.get(key);
  }

  waitOf(key: string): VipWait | undefined {
    return this.waits.get(key);
  }

  heldVip(address: string): HeldVip | undefined {
    return this.held.get(address);
  }

  restingVip(address: string): RestingVip | undefined {
    return this.resting.get(address);
  }

  /** The address in quarantine that this holder had last. */
  lastOfHolder(key: string): string | undefined {
    return this.lastOf.get(key);
  }

  /** Addresses of a project that are shared by one text. */
  sharedBy(project: string, sharing: string): Iterable<string> {
    return this.shared.get(sharingKey(project, sharing)) ?? [];
  }

  /** Keys of all that have an address or wait for one. */
  get holders(): Iterable<string> {
    return [...this.addresses.keys(), ...this.waits.keys()];
  }

  /** Addresses in quarantine. */
  get atRest(): Iterable<readonly [address: string, vip: RestingVip]> {
    return this.resting;
  }

  /** How many addresses are in quarantine. */
  get restCount(): number {
    return this.resting.size;
  }

  /** All that wait, by key. */
  get waiting(): ReadonlyMap<string, VipWait> {
    return this.waits;
  }

  /** How many holders wait for an address. */
  get waitCount(): number {
    return this.waits.size;
  }

  /** Addresses of a pool that somebody has, and those in quarantine. */
  countsOf(pool: string): Readonly<Counts> {
    return this.counts.get(pool) ?? { used: 0, quarantined: 0 };
  }

  private take(record: Extract<VipRecord, { type: 'leased' }>, key: string): void {
    const { address, pool, project, sharing, holder } = record;
    const before = this.held.get(address);
    if (before) this.unshare(address, before);
    else this.count(pool, 'used', 1);
    const holders = before?.holders ?? new Map<string, VipHolder>();
    holders.set(key, holder);
    const held = { pool: before?.pool ?? pool, project, ...(sharing !== undefined && { sharing }), holders };
    this.held.set(address, held);
    this.addresses.set(key, address);
    if (sharing === undefined) return;
    const group = sharingKey(project, sharing);
    const addresses = this.shared.get(group);
    if (addresses) addresses.add(address);
    else this.shared.set(group, new Set([address]));
  }

  private leave(address: string, key: string, until: string | undefined): void {
    const held = this.held.get(address);
    this.addresses.delete(key);
    held?.holders.delete(key);
    if (!held || held.holders.size > 0) return;
    this.held.delete(address);
    this.unshare(address, held);
    this.count(held.pool, 'used', -1);
    if (until === undefined) return;
    this.resting.set(address, { pool: held.pool, until, last: key });
    this.lastOf.set(key, address);
    this.count(held.pool, 'quarantined', 1);
  }

  private free(address: string): void {
    const rest = this.resting.get(address);
    if (!rest) return;
    this.resting.delete(address);
    if (this.lastOf.get(rest.last) === address) this.lastOf.delete(rest.last);
    this.count(rest.pool, 'quarantined', -1);
  }

  private unshare(address: string, { project, sharing }: HeldVip): void {
    if (sharing === undefined) return;
    const group = sharingKey(project, sharing);
    const addresses = this.shared.get(group);
    addresses?.delete(address);
    if (addresses?.size === 0) this.shared.delete(group);
  }

  private count(pool: string, what: keyof Counts, by: number): void {
    const counts = this.counts.get(pool) ?? { used: 0, quarantined: 0 };
    counts[what] += by;
    if (counts.used === 0 && counts.quarantined === 0) this.counts.delete(pool);
    else this.counts.set(pool, counts);
  }
}

function sharingKey(project: string, sharing: string): string {
  return `${project} ${sharing}`;
}
