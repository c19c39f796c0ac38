import type { FakeBytes, FakeReader } from './fake-bytes.fixture.js';
import { bucketsOf } from './flow-table.fixture.js';
import { fromWire, isV4, shown, toWire } from './ip46.fixture.js';
import type { Server, Vip, VipKey } from './lb-entries.fixture.js';
import type { LbPlugin } from './lb-plugin.fixture.js';

/** What an answer says beside its number and context. */
export type Body = (bytes: FakeBytes) => FakeBytes;

/** One request that was read: what it does, and how a person would write it. */
export interface FakeWrite {
  /** As `as 192.0.2.1/32 tcp 443 10.0.0.1 weight 50`. */
  readonly text: string;
  /** Its return value. */
  do(plugin: LbPlugin): number;
}

const PROTOCOLS: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 255: 'any' };
const ENCAPS = ['gre4', 'gre6', 'l3dsr', 'nat4', 'nat6'];

/** Requests that change the plugin, each read by hand as the `.api` file has it. The number, client and context were read before. */
export const WRITES: Readonly<Record<string, (request: FakeReader) => FakeWrite>> = {
  lb_conf(request) {
    const conf = {
      ip4: request.raw(4),
      ip6: request.raw(16),
      buckets: request.u32(),
      timeout: request.u32(),
    };
    return {
      text: `conf ${[...conf.ip4].join('.')} ${shown(conf.ip6)} buckets ${conf.buckets} timeout ${conf.timeout}`,
      do: (plugin) =>
        plugin.setConf({ ...conf, ip4: Uint8Array.from(conf.ip4), ip6: Uint8Array.from(conf.ip6) }),
    };
  },

  lb_add_del_vip_v2(request) {
    const key = readVip(request);
    const encap = request.u32();
    request.raw(1 + 4 + 2 + 2);
    const [tableLength, sticky, isDel] = [request.u32(), request.u8() !== 0, request.u8() !== 0];
    return isDel
      ? { text: `vip ${named(key)} del`, do: (plugin) => plugin.removeVip(key) }
      : {
          text: `vip ${named(key)} ${ENCAPS[encap] ?? encap} new_len ${tableLength}${sticky ? ' src_ip_sticky' : ''}`,
          do: (plugin) => plugin.addVip({ ...key, encap, tableLength, sticky }),
        };
  },

  lb_add_del_as_v2(request) {
    const key = readVip(request);
    const address = readAddress(request);
    const [weight, isDel, flush] = [request.u8(), request.u8() !== 0, request.u8() !== 0];
    const flushed = flush ? ' flush' : '';
    return isDel
      ? {
          text: `as ${named(key)} ${shown(address)} del${flushed}`,
          do: (plugin) => plugin.removeServer(key, address, flush),
        }
      : {
          text: `as ${named(key)} ${shown(address)} weight ${weight}${flushed}`,
          do: (plugin) => plugin.addServer(key, address, weight, flush),
        };
  },

  lb_as_set_weight(request) {
    const key = readVip(request);
    const address = readAddress(request);
    const [weight, flush] = [request.u8(), request.u8() !== 0];
    return {
      text: `weight ${named(key)} ${shown(address)} ${weight}${flush ? ' flush' : ''}`,
      do: (plugin) => plugin.setWeight(key, address, weight, flush),
    };
  },

  lb_flush_vip(request) {
    const key = readVip(request);
    return { text: `flush ${named(key)}`, do: (plugin) => plugin.flushVip(key) };
  },
};

/** The settings. */
export function confBody({ conf }: LbPlugin): Body {
  return (bytes) => bytes.u32(0).raw(conf.ip4).raw(conf.ip6).u32(conf.buckets).u32(conf.timeout);
}

/** One entry for each VIP that is used; whether it is sticky is not in it. */
export function vipDetails(plugin: LbPlugin): Body[] {
  return plugin.vips
    .filter((vip) => vip.used)
    .map((vip) => (bytes: FakeBytes) => {
      const encap = ENCAPS.indexOf(vip.type.slice(4));
      // the length has 16 bits only, so that 65536 comes as 0
      return writeVip(bytes, vip)
        .u32(encap)
        .u8(0)
        .u32(0)
        .u16(0)
        .u16(vip.tableLength & 0xffff);
    });
}

/**
 * One entry for each server of the VIPs meant, and for those of VIPs that were removed. A prefix of 16 zeros means all; else it is compared with the
 * 16 bytes that the plugin holds, where IPv4 lies at the end, while a message has it in front: no IPv4 prefix ever matches.
 */
export function serverDetails(plugin: LbPlugin, request: FakeReader): Body[] {
  request.u8();
  const wanted = request.raw(16);
  request.u8();
  const [protocol, port] = [request.u8(), request.u16()];
  const all = wanted.every((byte) => byte === 0);
  return plugin.vips
    .filter((vip) => all || (wanted.equals(vip.prefix) && vip.protocol === protocol && vip.port === port))
    .flatMap((vip) => {
      const buckets = bucketsOf(vip);
      return plugin.serversOf(vip).map((server) => serverBody(vip, server, buckets.get(server.index) ?? 0));
    });
}

function serverBody(vip: Vip, server: Server, buckets: number): Body {
  return (bytes) =>
    writeVip(bytes, vip)
      .raw(toWire(server.address))
      .u8(server.used ? 1 : 0)
      .u32(Math.floor(server.lastUsed))
      .u8(server.weight)
      .u32(buckets);
}

function writeVip(bytes: FakeBytes, vip: Vip): FakeBytes {
  const length = vip.length >= 96 && isV4(vip.prefix) ? vip.length - 96 : vip.length;
  return bytes.raw(toWire(vip.prefix)).u8(length).u8(vip.protocol).u16(vip.port);
}

function readVip(request: FakeReader): VipKey {
  const [family, union, bits] = [request.u8(), request.raw(16), request.u8()];
  const [protocol, port] = [request.u8(), request.u16()];
  // the length of the API is one of the family, that of the plugin counts the zeros before an IPv4 address
  return { prefix: fromWire(family, union), length: bits + (family === 0 ? 96 : 0), protocol, port };
}

function readAddress(request: FakeReader): Uint8Array {
  return fromWire(request.u8(), request.raw(16));
}

function named({ prefix, length, protocol, port }: VipKey): string {
  const bits = length >= 96 && isV4(prefix) ? length - 96 : length;
  return `${shown(prefix)}/${bits} ${PROTOCOLS[protocol] ?? protocol} ${port}`;
}
