import { parsed } from './ip46.fixture.js';
import { ANY_PROTOCOL, RETVAL, type VipKey, type VipWish } from './lb-entries.fixture.js';
import { LbPlugin, VppDied } from './lb-plugin.fixture.js';
import { lbVipsVerbose } from './lb-text.fixture.js';

const GRE4 = 0;
const GRE6 = 1;
const L3DSR = 2;
const TCP = 6;

describe('the lb plugin of the fake', () => {
  let now = 1000;
  let plugin: LbPlugin;
  beforeEach(() => {
    now = 1000;
    plugin = new LbPlugin(() => now);
  });

  it('takes a VIP once', () => {
    expect(plugin.addVip(vip('192.0.2.1'))).toBe(RETVAL.ok);
    expect(plugin.addVip(vip('192.0.2.1', { encap: GRE6 }))).toBe(RETVAL.valueExist);
  });

  it('takes no VIP of a port beside one of all ports, nor the reverse', () => {
    plugin.addVip(vip('192.0.2.1', { port: 0 }));
    expect(plugin.addVip(vip('192.0.2.1'))).toBe(RETVAL.valueExist);
    plugin.addVip(vip('192.0.2.2'));
    expect(plugin.addVip(vip('192.0.2.2', { port: 0 }))).toBe(RETVAL.valueExist);
  });

  it('has one type for all ports of a prefix', () => {
    plugin.addVip(vip('192.0.2.1'));
    expect(plugin.addVip(vip('192.0.2.1', { port: 80, encap: GRE6 }))).toBe(RETVAL.invalidArgument);
    expect(plugin.addVip(vip('192.0.2.1', { port: 80 }))).toBe(RETVAL.ok);
  });

  it('takes tables of powers of two, and dies of one of none', () => {
    expect(plugin.addVip(vip('192.0.2.1', { tableLength: 1000 }))).toBe(RETVAL.invalidMemorySize);
    expect(() => plugin.addVip(vip('192.0.2.1', { tableLength: 0 }))).toThrow(VppDied);
  });

  it('takes an encapsulation that the family does not have for none with IPv4, and for ip6-gre6 with IPv6', () => {
    expect(plugin.addVip(vip('192.0.2.1', { encap: 4 }))).toBe(RETVAL.invalidAddressFamily);
    expect(plugin.addVip(vip('2001:db8::1', { encap: L3DSR }))).toBe(RETVAL.ok);
    expect(plugin.vips[0]?.type).toBe('ip6-gre6');
  });

  it('takes servers of the family of the encapsulation', () => {
    plugin.addVip(vip('2001:db8::1', { encap: GRE4 }));
    expect(plugin.addServer(key('2001:db8::1'), parsed('2001:db8::10'), 100, false)).toBe(
      RETVAL.invalidAddressFamily,
    );
    expect(plugin.addServer(key('2001:db8::1'), parsed('10.0.0.10'), 100, false)).toBe(RETVAL.ok);
    expect(plugin.addServer(key('2001:db8::1'), parsed('10.0.0.10'), 50, false)).toBe(RETVAL.valueExist);
  });

  it('knows no server that is not there, and weighs none that was removed', () => {
    expect(plugin.removeServer(key('192.0.2.1'), parsed('10.0.0.10'), false)).toBe(RETVAL.noSuchEntry);
    withServers('10.0.0.10');
    expect(plugin.removeServer(key('192.0.2.1'), parsed('10.0.0.10'), false)).toBe(RETVAL.ok);
    expect(plugin.removeServer(key('192.0.2.1'), parsed('10.0.0.10'), false)).toBe(RETVAL.ok);
    expect(plugin.setWeight(key('192.0.2.1'), parsed('10.0.0.10'), 1, false)).toBe(RETVAL.noSuchEntry);
  });

  it('keeps a server that was removed until nothing sticks to it and a minute has passed', () => {
    withServers('10.0.0.10');
    plugin.packet(key('192.0.2.1'), client(1));
    plugin.removeServer(key('192.0.2.1'), parsed('10.0.0.10'), false);
    expect(plugin.serversOf(plugin.vips[0]!)).toHaveLength(1);
    now += 61;
    withServers('10.0.0.11');
    expect(plugin.serversOf(plugin.vips[0]!)).toHaveLength(1);
  });

  it('goes on sending a flow to a server of weight 0, until the flow is silent or flushed', () => {
    withServers('10.0.0.10');
    const first = plugin.packet(key('192.0.2.1'), client(1));
    expect(plugin.setWeight(key('192.0.2.1'), parsed('10.0.0.10'), 0, false)).toBe(RETVAL.ok);
    expect(plugin.packet(key('192.0.2.1'), client(1))).toBe(first);
    expect(plugin.packet(key('192.0.2.1'), client(2))).toBeUndefined();
    now += 41;
    expect(plugin.packet(key('192.0.2.1'), client(1))).toBeUndefined();
    expect(plugin.vips[0]?.counters).toEqual({ next: 1, first: 1, untracked: 0, noServer: 2 });
  });

  it('forgets flows with a flush at once', () => {
    withServers('10.0.0.10');
    plugin.packet(key('192.0.2.1'), client(1));
    plugin.setWeight(key('192.0.2.1'), parsed('10.0.0.10'), 0, true);
    expect(plugin.packet(key('192.0.2.1'), client(1))).toBeUndefined();
  });

  it('keeps ports of a client together with src_ip_sticky', () => {
    plugin.addVip(vip('192.0.2.1', { sticky: true }));
    for (const host of ['10.0.0.10', '10.0.0.11', '10.0.0.12'])
      plugin.addServer(key('192.0.2.1'), parsed(host), 100, false);
    const servers = Array.from({ length: 50 }, (_, at) =>
      plugin.packet(key('192.0.2.1'), { ...client(1), port: 4000 + at }),
    );
    expect(new Set(servers).size).toBe(1);
  });

  it('removes a VIP without a flush, and lists it until it is collected', () => {
    withServers('10.0.0.10');
    plugin.removeVip(key('192.0.2.1'));
    expect(plugin.removeVip(key('192.0.2.1'))).toBe(RETVAL.noSuchEntry);
    expect(lbVipsVerbose(plugin)).toContain(' ip4-gre4 [1] 192.0.2.1/32 removed');
    expect(plugin.addVip(vip('192.0.2.1'))).toBe(RETVAL.ok);
    expect(plugin.vips.map(({ index, used }) => [index, used])).toEqual([
      [1, false],
      [2, true],
    ]);
    now += 61;
    plugin.collectAll();
    expect(plugin.vips.map(({ index }) => index)).toEqual([2]);
  });

  it('says yes to a flush of what is not there', () => {
    expect(plugin.flushVip(key('192.0.2.9'))).toBe(RETVAL.ok);
  });

  it('prints as VPP does', () => {
    plugin.addVip(vip('2001:db8::1', { encap: GRE6, sticky: true, port: 0 }));
    withServers('10.0.0.10');
    expect(lbVipsVerbose(plugin)).toBe(
      [
        ' ip6-gre6 [1] 2001:db8::1/128 src_ip_sticky',
        '  new_size:1024',
        '  counters:',
        '    packet from existing sessions: 0',
        '    first session packet: 0',
        '    untracked packet: 0',
        '    no server configured: 0',
        '  #as:0',
        '',
        ' ip4-gre4 [2] 192.0.2.1/32',
        '  new_size:1024',
        '  protocol:6 port:443',
        '  counters:',
        '    packet from existing sessions: 0',
        '    first session packet: 0',
        '    untracked packet: 0',
        '    no server configured: 0',
        '  #as:1',
        '    10.0.0.10 1024 buckets   0 flows  dpo:1 used',
        '',
        '',
      ].join('\n'),
    );
  });

  function withServers(...hosts: readonly string[]): void {
    plugin.addVip(vip('192.0.2.1'));
    for (const host of hosts) plugin.addServer(key('192.0.2.1'), parsed(host), 100, false);
  }
});

function key(address: string, port = 443): VipKey {
  return { prefix: parsed(address), length: 128, protocol: port === 0 ? ANY_PROTOCOL : TCP, port };
}

function vip(address: string, wish: Partial<VipWish> = {}): VipWish {
  return { ...key(address, wish.port), encap: GRE4, tableLength: 1024, sticky: false, ...wish };
}

function client(host: number) {
  return { address: parsed(`198.51.100.${host}`), port: 4000 };
}
