import { describe, expect, it } from '@jest/globals';
import { flowKey, standingFlows, trackedFlows } from './conntrack-entry.js';
import { NftLedger } from './nft-ledger.js';
import { refusal } from './nft-program.js';

const TRACKED = `tcp      6 431999 ESTABLISHED src=198.51.100.7 dst=192.0.2.10 sport=40000 dport=80 src=10.0.0.9 dst=10.0.0.1 sport=8080 dport=40000 [ASSURED] mark=0 use=1
tcp      6 119 TIME_WAIT src=198.51.100.7 dst=192.0.2.10 sport=40001 dport=80 src=10.0.0.9 dst=10.0.0.1 sport=8080 dport=40001 [ASSURED] mark=0 use=1
udp      17 29 src=2001:db8::7 dst=2001:db8::53 sport=5353 dport=53 [UNREPLIED] src=2001:db8::1 dst=2001:db8::7 sport=53 dport=5353 mark=0 use=1
icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=1 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=1 mark=0 use=1
`;

describe('flows that conntrack tells', () => {
  it('have a client, a place and a target, and may be over', () => {
    const [tcp, over, udp, ...more] = trackedFlows(TRACKED);
    expect(tcp).toEqual({
      protocol: 'tcp',
      client: { address: '198.51.100.7', port: 40_000 },
      place: { address: '192.0.2.10', port: 80 },
      target: { address: '10.0.0.9', port: 8080 },
      isOver: false,
    });
    expect(over?.isOver).toBe(true);
    expect(udp).toMatchObject({
      protocol: 'udp',
      target: { address: '2001:db8::1', port: 53 },
      isOver: false,
    });
    expect(more).toEqual([]);
  });

  it('stand by listener and target, whatever the spelling of addresses', () => {
    const standing = standingFlows(trackedFlows(TRACKED));
    expect([...standing.values()]).toEqual([1, 1]);
    const key = flowKey('udp', { address: '2001:DB8::53', port: 53 }, { address: '2001:db8:0::1', port: 53 });
    expect(standing.get(key)).toBe(1);
  });
});

describe('counters that begin at 0 with each look', () => {
  const reset = (...counters: readonly [name: string, packets: number, bytes: number][]) =>
    JSON.stringify({
      nftables: [
        { metainfo: { version: '1.0.6' } },
        ...counters.map(([name, packets, bytes]) => ({ counter: { name, packets, bytes } })),
      ],
    });

  it('are summed up, by counter and by listener, also when the counter of a target is gone', () => {
    const ledger = new NftLedger();
    ledger.take(reset(['n_1_a', 2, 80], ['n_1_b', 1, 40], ['n_2_a', 9, 9]));
    ledger.take(reset(['n_1_a', 1, 60], ['n_1_b', 0, 0]));
    expect(ledger.total('n_1_a')).toEqual({ packets: 3, bytes: 140 });
    ledger.keepOnly(new Set(['n_1_b', 'r_1']));
    expect(ledger.total('n_1_a')).toEqual({ packets: 0, bytes: 0 });
    expect(ledger.sum('n_1').packets).toBe(4);
    expect(ledger.sum('n_2').packets).toBe(0);
  });

  it('begin anew with a listener that left and came again', () => {
    const ledger = new NftLedger();
    ledger.take(reset(['r_1', 5, 0]));
    ledger.keepOnly(new Set());
    expect(ledger.total('r_1').packets).toBe(0);
  });
});

describe('a program that says no', () => {
  it.each([
    ['Error: syntax error, unexpected string', 'data-plane-refused'],
    ['Error: Could not process rule: Operation not supported', 'data-plane-refused'],
    ['Error: Could not process rule: Operation not permitted (you must be root)', 'data-plane-unavailable'],
    ['Error: Could not process rule: Device or resource busy', 'data-plane-unavailable'],
  ])('with %s is %s', (err, code) => {
    const error = refusal('nft', { code: 1, out: '', err });
    expect(error.code).toBe(code);
    expect(error.message).toContain(err);
  });

  it('because it may not is told what to give it', () => {
    const { message } = refusal('nft', { code: 1, out: '', err: 'Operation not permitted' });
    expect(message).toContain('CAP_NET_ADMIN');
  });
});
