import { describe, expect, it } from '@jest/globals';
import { readTable } from './read-table.js';

const CONF = {
  ip4_src_address: '192.0.2.254',
  ip6_src_address: '2001:db8::fe',
  sticky_buckets_per_core: 1024,
  flow_timeout: 40,
};
const WEB = { pfx: '192.0.2.10/32', protocol: 6, port: 80 };
const TLS = { ...WEB, port: 443 };
const ALL = { pfx: '2001:db8::10/128', protocol: 255, port: 0 };

function vip(place: object, encap = 0) {
  return { vip: place, encap, dscp: 0, srv_type: 0, target_port: 0, flow_table_length: 1024 } as never;
}

function target(place: object, address: string, changes: object = {}) {
  const rest = { flags: 1, in_use_since: 0, weight: 100, num_buckets: 512 };
  return { vip: place, app_srv: address, ...rest, ...changes } as never;
}

function table(vips: never[], targets: never[], text = '') {
  return readTable({ conf: CONF, vips, targets, text });
}

describe('the table that VPP tells', () => {
  it('R17: two VIPs on one address and port, of two protocols, and on two ports, do not mix their targets', () => {
    const udp = { ...WEB, protocol: 17 };
    const { vips } = table(
      [vip(TLS), vip(udp), vip(WEB)],
      [target(WEB, '10.0.0.1'), target(TLS, '10.0.0.2'), target(udp, '10.0.0.3'), target(WEB, '10.0.0.4')],
    );
    expect(
      vips.map(({ key, targets }) => [key.protocol, key.port, ...targets.map((one) => one.address)]),
    ).toEqual([
      [6, 80, '10.0.0.1', '10.0.0.4'],
      [17, 80, '10.0.0.3'],
      [6, 443, '10.0.0.2'],
    ]);
  });

  it('is in the order of addresses, whatever order VPP tells it in', () => {
    const { vips } = table(
      [vip(ALL, 1), vip(WEB)],
      [target(WEB, '10.0.0.10'), target(WEB, '10.0.0.2', { weight: 7, num_buckets: 3 })],
    );
    expect(vips.map(({ key }) => key.address)).toEqual(['192.0.2.10', '2001:db8::10']);
    expect(vips[0]!.targets).toEqual([
      { address: '10.0.0.2', weight: 7, buckets: 3 },
      { address: '10.0.0.10', weight: 100, buckets: 512 },
    ]);
    expect(vips[1]).toMatchObject({ encap: 'gre6', isSticky: false });
  });

  it('leaves out targets that were removed and still have flows, and those of VIPs that are gone (6.7)', () => {
    const { vips } = table(
      [vip(WEB)],
      [target(WEB, '10.0.0.1', { flags: 0 }), target(TLS, '10.0.0.2'), target(WEB, '10.0.0.3')],
    );
    expect(vips.map(({ targets }) => targets.map(({ address }) => address))).toEqual([['10.0.0.3']]);
  });

  it('has from the text whether clients are told by their address, which the dump does not tell (6.2)', () => {
    const text =
      ' ip4-gre4 [3] 192.0.2.10/32 src_ip_sticky\n  protocol:6 port:80\n    first session packet: 4\n';
    expect(table([vip(WEB), vip(TLS)], [], text).vips).toMatchObject([
      { isSticky: true, packets: { first: 4 } },
      { isSticky: false, packets: { first: 0 } },
    ]);
  });

  it('has the settings of the plugin', () => {
    expect(table([], []).conf).toEqual({
      ipv4SrcAddress: '192.0.2.254',
      ipv6SrcAddress: '2001:db8::fe',
      stickyBucketsPerCore: 1024,
      flowTimeoutSeconds: 40,
    });
  });
});
