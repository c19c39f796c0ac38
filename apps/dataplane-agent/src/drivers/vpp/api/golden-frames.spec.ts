import { describeApi } from './api-description.js';
import type { Fields } from './field-value.js';
import { frame } from './frames.js';
import { SHIPPED_FILES, SHIPPED_MESSAGES } from './shipped-description.js';
import { decodeMessage, messageId } from './wire-reader.js';
import { encodeMessage } from './wire-writer.js';

const DESCRIPTION = describeApi(SHIPPED_FILES, SHIPPED_MESSAGES);

/**
 * Frames written by hand from what VPP documents of its framing, never taken from the encoder:
 * - a frame is 16 bytes of header, of which bytes 8 to 11 are the length of what follows (`msgbuf_t` in `api_common.h`);
 * - a message is its number (u16) and its fields in the order of its `.api` file, big endian and packed, without gaps;
 * - a request begins with client_index and context (u32 each), a reply with context;
 * - `string name[64]` is 64 bytes, zeros behind the text; `string reply[]` is a u32 of its length and the text;
 * - an address is its family (u8; 0 IPv4, 1 IPv6) and 16 bytes, an IPv4 address in the first four; a prefix has a u8 of its bits behind;
 * - an enum is u32 unless its `.api` file says otherwise (`ip_proto`, `ip_dscp` and `address_family` are u8), a bool is u8.
 */
const V4_VIP = '00  c0000201 000000000000000000000000  20'; // 192.0.2.1/32
const V6_VIP = '01  20010db8000000000000000000000001  80'; // 2001:db8::1/128

describe('frames that go to VPP', () => {
  it.each<[what: string, message: string, id: number, fields: Fields, hex: string]>([
    [
      'the first message, number 15: 2 + 4 + 64 = 70 = 0x46 bytes',
      'sockclnt_create',
      15,
      { context: 1, name: 'signalbox' },
      `0000000000000000 00000046 00000000
       000f 00000001 7369676e616c626f78 ${'00'.repeat(55)}`,
    ],
    [
      'a ping: 2 + 4 + 4 = 10 bytes',
      'control_ping',
      0x0123,
      { client_index: 7, context: 2 },
      `0000000000000000 0000000a 00000000
       0123 00000007 00000002`,
    ],
    [
      'a command: 10 + 4 + 10 = 24 = 0x18 bytes',
      'cli_inband',
      0x0200,
      { client_index: 7, context: 3, cmd: 'show clock' },
      `0000000000000000 00000018 00000000
       0200 00000007 00000003 0000000a 73686f7720636c6f636b`,
    ],
    [
      'lb_conf: 10 + 4 + 16 + 4 + 4 = 38 = 0x26 bytes',
      'lb_conf',
      0x0300,
      {
        client_index: 7,
        context: 4,
        ip4_src_address: '198.51.100.7',
        ip6_src_address: '2001:db8::7',
        sticky_buckets_per_core: 65536,
        flow_timeout: 40,
      },
      `0000000000000000 00000026 00000000
       0300 00000007 00000004 c6336407 20010db8000000000000000000000007 00010000 00000028`,
    ],
    [
      'a VIP: 10 + 18 + 1 + 2 + 4 + 1 + 4 + 2 + 2 + 4 + 1 + 1 = 50 = 0x32 bytes',
      'lb_add_del_vip_v2',
      0x0301,
      {
        client_index: 7,
        context: 5,
        pfx: '192.0.2.1/32',
        protocol: 6,
        port: 443,
        encap: 'LB_API_ENCAP_TYPE_GRE6',
        new_flows_table_length: 1024,
        src_ip_sticky: true,
      },
      `0000000000000000 00000032 00000000
       0301 00000007 00000005 ${V4_VIP} 06 01bb 00000001 00 00000000 0000 0000 00000400 01 00`,
    ],
    [
      'a server: 10 + 18 + 1 + 2 + 17 + 1 + 1 + 1 = 51 = 0x33 bytes',
      'lb_add_del_as_v2',
      0x0302,
      {
        client_index: 7,
        context: 6,
        pfx: '192.0.2.1/32',
        protocol: 6,
        port: 443,
        as_address: '10.0.0.10',
        weight: 50,
      },
      `0000000000000000 00000033 00000000
       0302 00000007 00000006 ${V4_VIP} 06 01bb 00 0a00000a 000000000000000000000000 32 00 00`,
    ],
    [
      'a weight, of all ports and IPv6: 10 + 18 + 1 + 2 + 17 + 1 + 1 = 50 = 0x32 bytes',
      'lb_as_set_weight',
      0x0303,
      {
        client_index: 7,
        context: 7,
        pfx: '2001:db8::1/128',
        protocol: 255,
        port: 0,
        as_address: '2001:db8::10',
        weight: 0,
        is_flush: true,
      },
      `0000000000000000 00000032 00000000
       0303 00000007 00000007 ${V6_VIP} ff 0000 01 20010db8000000000000000000000010 00 01`,
    ],
    [
      'a dump of all VIPs: 10 + 18 + 2 + 1 + 2 = 33 = 0x21 bytes; the default of protocol is 255',
      'lb_vip_dump',
      0x0304,
      { client_index: 7, context: 8 },
      `0000000000000000 00000021 00000000
       0304 00000007 00000008 ${'00'.repeat(18)} 0000 ff 0000`,
    ],
  ])('%s', (_, message, id, fields, hex) => {
    expect(frame(encodeMessage(described(message), id, fields)).toString('hex')).toBe(bare(hex));
  });
});

describe('messages that VPP sends', () => {
  it.each<[what: string, message: string, hex: string, fields: Fields]>([
    [
      'the table of messages, two of them',
      'sockclnt_create_reply',
      `0010 00000000 00000001 00000000 00000007 0002
       0123 ${text('control_ping_51077d14', 64)}
       0124 ${text('control_ping_reply_f6b0b8ca', 64)}`,
      {
        client_index: 0,
        context: 1,
        response: 0,
        index: 7,
        count: 2,
        message_table: [
          { index: 0x0123, name: 'control_ping_51077d14' },
          { index: 0x0124, name: 'control_ping_reply_f6b0b8ca' },
        ],
      },
    ],
    [
      'a no: -81, in two complements',
      'lb_add_del_vip_v2_reply',
      '0305 00000005 ffffffaf',
      { context: 5, retval: -81 },
    ],
    [
      'the version',
      'show_version_reply',
      `0205 00000009 00000000 ${text('vpe', 32)} ${text('26.10-rc0', 32)} ${text('2026-09-30T10:00:00', 32)} ${text('/build', 256)}`,
      {
        context: 9,
        retval: 0,
        program: 'vpe',
        version: '26.10-rc0',
        build_date: '2026-09-30T10:00:00',
        build_directory: '/build',
      },
    ],
    [
      'what a command prints',
      'cli_inband_reply',
      '0206 0000000a 00000000 00000003 6f6b0a',
      { context: 10, retval: 0, reply: 'ok\n' },
    ],
    [
      'one VIP of a dump',
      'lb_vip_details',
      `0306 0000000b ${V4_VIP} 06 01bb 00000000 00 00000000 0000 0400`,
      {
        context: 11,
        vip: { pfx: '192.0.2.1/32', protocol: 6, port: 443 },
        encap: 0,
        dscp: 0,
        srv_type: 0,
        target_port: 0,
        flow_table_length: 1024,
      },
    ],
    [
      'one server of a dump',
      'lb_as_v2_details',
      `0307 0000000c ${V6_VIP} 11 0035 01 20010db8000000000000000000000010 01 00001388 64 00000200`,
      {
        context: 12,
        vip: { pfx: '2001:db8::1/128', protocol: 17, port: 53 },
        app_srv: '2001:db8::10',
        flags: 1,
        in_use_since: 5000,
        weight: 100,
        num_buckets: 512,
      },
    ],
    [
      'the global settings',
      'lb_conf_get_reply',
      '0308 0000000d 00000000 c6336407 20010db8000000000000000000000007 00000400 00000028',
      {
        context: 13,
        retval: 0,
        ip4_src_address: '198.51.100.7',
        ip6_src_address: '2001:db8::7',
        sticky_buckets_per_core: 1024,
        flow_timeout: 40,
      },
    ],
    [
      'the time of the system: 1.5 as IEEE 754',
      'show_vpe_system_time_reply',
      '0207 0000000e 00000000 3ff8000000000000',
      { context: 14, retval: 0, vpe_system_time: 1.5 },
    ],
  ])('%s', (_, message, hex, fields) => {
    const bytes = Buffer.from(bare(hex), 'hex');
    expect(messageId(bytes)).toBe(parseInt(bare(hex).slice(0, 4), 16));
    expect(decodeMessage(described(message), bytes)).toEqual(fields);
  });
});

function described(message: string) {
  const found = DESCRIPTION.get(message);
  if (found === undefined) throw new Error(`no ${message}`);
  return found;
}

function bare(hex: string): string {
  return hex.replaceAll(/\s/g, '');
}

function text(value: string, length: number): string {
  return Buffer.from(value)
    .toString('hex')
    .padEnd(length * 2, '0');
}
