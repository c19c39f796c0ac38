import { fillFlowTable, NO_SERVER } from './flow-table.fixture.js';
import { isV4, masked, same } from './ip46.fixture.js';
import {
  ANY_PROTOCOL,
  type LbConf,
  RETVAL,
  type Server,
  type Vip,
  VIP_TYPES,
  type VipKey,
  type VipType,
  type VipWish,
} from './lb-entries.fixture.js';
import { Pool } from './pool.fixture.js';
import { hashOf, StickyFlows } from './sticky-flows.fixture.js';

/** Encapsulations, as the API numbers them. */
const ENCAPS = ['gre4', 'gre6', 'l3dsr', 'nat4', 'nat6'] as const;

/** Seconds after which an entry that was removed may be collected, and between two collections of a VIP. */
const CONCURRENCY_SECONDS = 10;
const GARBAGE_SECONDS = 60;

/** VPP dies of a table of no length: it takes all memory there is. */
export class VppDied extends Error {}

/**
 * The tables of VPP's lb plugin and what its handlers do with them, in their order and with their traps. `src/plugins/lb/lb.c`; reference
 * maglev 2.8, 6.2 to 6.10. Time is what `now` says, in seconds.
 */
export class LbPlugin {
  readonly conf: LbConf = {
    ip4: new Uint8Array(4).fill(255),
    ip6: new Uint8Array(16).fill(255),
    buckets: 1024,
    timeout: 40,
  };
  private readonly vipPool = new Pool<Vip>();
  private readonly serverPool = new Pool<Server>();
  private readonly byPrefix = new Map<string, Vip[]>();
  private readonly flows: StickyFlows;

  constructor(private readonly now: () => number) {
    this.flows = new StickyFlows(now, this.conf);
  }

  /** In the order of their indices, with those that were removed and are not collected yet. */
  get vips(): readonly Vip[] {
    return this.vipPool.all();
  }

  serversOf(vip: Vip): readonly Server[] {
    return vip.servers.map((index) => this.serverPool.at(index)).filter((server) => server !== undefined);
  }

  setConf(conf: LbConf): number {
    if (!isPowerOfTwo(conf.buckets)) return RETVAL.invalidMemorySize;
    Object.assign(this.conf, conf);
    return RETVAL.ok;
  }

  addVip(wish: VipWish): number {
    const key = normalized(wish);
    const type = typeOf(key, wish.encap);
    const onPrefix = this.onPrefix(key);
    if (onPrefix.some((vip) => isSamePort(vip, key))) return RETVAL.valueExist;
    if (key.port !== 0 && onPrefix.some((vip) => vip.port === 0)) return RETVAL.valueExist;
    if (key.port === 0 && onPrefix.length > 0) return RETVAL.valueExist;
    if (key.port !== 0 && onPrefix[0] !== undefined && onPrefix[0].type !== type)
      return RETVAL.invalidArgument;
    if (!isPowerOfTwo(wish.tableLength)) return RETVAL.invalidMemorySize;
    if (isV4Prefix(key) !== type.startsWith('ip4')) return RETVAL.invalidAddressFamily;
    if (wish.tableLength === 0) throw new VppDied('a table of 2^32 slots');
    const vip = this.vipPool.add((index) => ({
      ...key,
      index,
      type,
      sticky: wish.sticky,
      tableLength: wish.tableLength,
      counters: { next: 0, first: 0, untracked: 0, noServer: 0 },
      used: true,
      servers: [],
      table: new Uint32Array(wish.tableLength).fill(NO_SERVER),
      lastCollection: this.now(),
    }));
    const prefixKey = prefixKeyOf(key);
    this.byPrefix.set(prefixKey, [...(this.byPrefix.get(prefixKey) ?? []), vip]);
    return RETVAL.ok;
  }

  /** Its servers go without a flush, and all of it stays until it is collected. */
  removeVip(key: VipKey): number {
    const vip = this.find(key);
    if (vip === undefined) return RETVAL.noSuchEntry;
    for (const server of this.serversOf(vip)) this.leave(server);
    this.rebuild(vip);
    vip.used = false;
    return RETVAL.ok;
  }

  addServer(key: VipKey, address: Uint8Array, weight: number, flush: boolean): number {
    const vip = this.find(key);
    if (vip === undefined) return RETVAL.noSuchEntry;
    const known = this.serverOf(vip, address);
    if (known?.used === true) return RETVAL.valueExist;
    if (known === undefined && isV4(address) !== vip.type.endsWith('4')) return RETVAL.invalidAddressFamily;
    if (weight > 100) return RETVAL.invalidValue;
    if (known === undefined) {
      const lastUsed = this.now();
      const added = this.serverPool.add((index) => ({
        index,
        vip: vip.index,
        address,
        used: true,
        weight,
        lastUsed,
      }));
      vip.servers.push(added.index);
    } else Object.assign(known, { used: true, weight });
    if (flush && known !== undefined) this.flows.flush(vip.index, known.index);
    this.rebuild(vip);
    this.collect(vip);
    return RETVAL.ok;
  }

  /** Says yes also for one that was removed before and is not collected yet. */
  removeServer(key: VipKey, address: Uint8Array, flush: boolean): number {
    const vip = this.find(key);
    const server = vip && this.serverOf(vip, address);
    if (vip === undefined || server === undefined) return RETVAL.noSuchEntry;
    this.collect(vip);
    this.leave(server);
    if (flush) this.flows.flush(vip.index, server.index);
    this.rebuild(vip);
    return RETVAL.ok;
  }

  setWeight(key: VipKey, address: Uint8Array, weight: number, flush: boolean): number {
    const vip = this.find(key);
    const server = vip && this.serverOf(vip, address);
    if (vip === undefined || server?.used !== true) return RETVAL.noSuchEntry;
    if (weight > 100) return RETVAL.invalidValue;
    server.weight = weight;
    this.rebuild(vip);
    if (flush) this.flows.flush(vip.index, server.index);
    return RETVAL.ok;
  }

  /** Says yes whether there is such a VIP or not: the handler forgets to look. */
  flushVip(key: VipKey): number {
    const vip = this.find(key);
    if (vip !== undefined) this.flows.flush(vip.index);
    return RETVAL.ok;
  }

  /** Removes what nothing refers to any more: VPP does so with `lb conf` of its command line. */
  collectAll(): void {
    for (const vip of this.vips) {
      this.collect(vip, true);
      if (vip.used || vip.servers.length > 0) continue;
      this.vipPool.remove(vip.index);
      const prefixKey = prefixKeyOf(vip);
      this.byPrefix.set(
        prefixKey,
        (this.byPrefix.get(prefixKey) ?? []).filter((other) => other !== vip),
      );
    }
  }

  /** How many flows stick to a server. */
  flowsOf(server: Server): number {
    return this.flows.countOf(server.index);
  }

  /** A packet of a client comes; says to which server it goes. `source` is an address and a port. */
  packet(key: VipKey, source: { readonly address: Uint8Array; readonly port: number }): Server | undefined {
    const vip = this.find(key) ?? this.find({ ...key, protocol: ANY_PROTOCOL, port: 0 });
    if (vip === undefined) return undefined;
    const flowKey = `${vip.index} ${Buffer.from(source.address).toString('hex')}${vip.sticky ? '' : ` ${source.port}`}`;
    const known = this.flows.serverOf(flowKey);
    if (known !== undefined) {
      vip.counters.next += 1;
      return this.serverPool.at(known);
    }
    const server = vip.table[hashOf(flowKey) & (vip.tableLength - 1)] ?? NO_SERVER;
    if (server === NO_SERVER) {
      vip.counters.noServer += 1;
      return undefined;
    }
    if (this.flows.begin(flowKey, vip.index, server)) vip.counters.first += 1;
    else vip.counters.untracked += 1;
    return this.serverPool.at(server);
  }

  find(wanted: VipKey): Vip | undefined {
    const key = normalized(wanted);
    return this.onPrefix(key).find((vip) => isSamePort(vip, key));
  }

  private onPrefix(key: VipKey): Vip[] {
    return (this.byPrefix.get(prefixKeyOf(key)) ?? []).filter((vip) => vip.used);
  }

  private serverOf(vip: Vip, address: Uint8Array): Server | undefined {
    return this.serversOf(vip).find((server) => same(server.address, address));
  }

  private leave(server: Server): void {
    server.used = false;
    server.lastUsed = this.now();
  }

  private rebuild(vip: Vip): void {
    const live = this.serversOf(vip).filter(({ used }) => used);
    vip.table = fillFlowTable(
      live.map(({ index, address, weight }) => ({ index, bytes: address, weight })),
      vip.tableLength,
    );
  }

  private collect(vip: Vip, always = false): void {
    if (!always && this.now() <= vip.lastCollection + GARBAGE_SECONDS) return;
    vip.lastCollection = this.now();
    for (const server of this.serversOf(vip)) {
      if (server.used || this.now() <= server.lastUsed + CONCURRENCY_SECONDS || this.flowsOf(server) > 0)
        continue;
      vip.servers = vip.servers.filter((index) => index !== server.index);
      this.serverPool.remove(server.index);
    }
  }
}

/** A VIP of all ports is of any protocol. */
function normalized(key: VipKey): VipKey {
  return {
    prefix: masked(key.prefix, key.length),
    length: key.length,
    protocol: key.port === 0 ? ANY_PROTOCOL : key.protocol,
    port: key.port,
  };
}

function isV4Prefix({ prefix, length }: VipKey): boolean {
  return length >= 96 && isV4(prefix);
}

/** An encapsulation that the family does not have is none of these, which leaves the type at 0: ip6-gre6. */
function typeOf(key: VipKey, encap: number): VipType {
  const type = `${isV4Prefix(key) ? 'ip4' : 'ip6'}-${ENCAPS[encap]}`;
  return VIP_TYPES.find((known) => known === type) ?? 'ip6-gre6';
}

function isSamePort(a: VipKey, b: VipKey): boolean {
  return a.protocol === b.protocol && a.port === b.port;
}

/** As VPP asks it, 0 is one. */
function isPowerOfTwo(value: number): boolean {
  return (value & (value - 1)) === 0;
}

function prefixKeyOf({ prefix, length }: VipKey): string {
  return `${Buffer.from(prefix).toString('hex')}/${length}`;
}
