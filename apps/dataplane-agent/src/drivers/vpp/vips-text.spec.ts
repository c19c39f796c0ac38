import { describe, expect, it } from '@jest/globals';
import { readVipsText } from './vips-text.js';

/** As VPP writes it: the word of the tunnel, the index of the VIP, its prefix, its words. */
const TEXT = ` ip4-gre4 [1] 192.0.2.10/32 src_ip_sticky
  new_size:1024
  protocol:6 port:80
  counters:
    packet from existing sessions: 22
    first session packet: 46
    untracked packet: 3
    no server configured: 1
  #as:2
    198.51.100.1 512 buckets   28 flows  dpo:21 used
    198.51.100.2 512 buckets   2 flows  dpo:22 used
    198.51.100.2 0 buckets   1 flows  dpo:23  removed

 ip4-gre4 [2] 192.0.2.11/32 removed
  new_size:1024
  counters:
    packet from existing sessions: 7

 ip6-gre6 [4] 2001:db8::10/128
  new_size:1024
  counters:
    packet from existing sessions: 5000000000
  #as:1
    2001:db8:0:0::1 1024 buckets   9 flows  dpo:21 used
`;

describe('the text of VIPs', () => {
  it('tells what no message does: sticky, packets, flows; those that go are none', () => {
    const [sticky, all, ...more] = readVipsText(TEXT);
    expect(more).toEqual([]);
    expect(sticky).toEqual({
      key: { address: '192.0.2.10', length: 32, protocol: 6, port: 80 },
      isSticky: true,
      packets: { next: 22, first: 46, untracked: 3, noServer: 1 },
      flows: new Map([
        ['198.51.100.1', 28],
        ['198.51.100.2', 3],
      ]),
    });
    expect(all).toEqual({
      key: { address: '2001:db8::10', length: 128, protocol: 255, port: 0 },
      isSticky: false,
      packets: { next: 5_000_000_000, first: 0, untracked: 0, noServer: 0 },
      flows: new Map([['2001:db8::1', 9]]),
    });
  });

  it.each([
    '',
    'lb plugin is not there',
    ' #as:2',
    ' ip4-gre4 [x] 192.0.2.1/32',
    '    first session packet: 1',
  ])('of nothing that it knows is nothing: %j', (text) => expect(readVipsText(text)).toEqual([]));

  it('reads lines that end as on a terminal', () => {
    expect(readVipsText(TEXT.replaceAll('\n', '\r\n'))).toEqual(readVipsText(TEXT));
  });
});
