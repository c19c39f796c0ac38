import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterWrites, aListener, CONF, linesOf, planned, standing } from './given-lb.fixture.js';
import { targetText } from './lb-plan.js';
import { vipOf } from './vip-key.js';

const WEB = aListener({ '10.0.0.10': 100, '10.0.0.2': 50 });
const STICKY = { affinity: { type: 'source-ip', timeoutMs: 40_000 } } as const;

describe('what is written to VPP', () => {
  it('is nothing when it is as desired (R7)', () => {
    const all = [WEB, aListener({}, { name: 'empty', port: 81 })];
    expect(planned(standing(...all), all)).toEqual({ writes: [], recreated: [] });
    const disabled = aListener({ '10.0.0.1': 0 }, { targets: [cut('10.0.0.1')] });
    expect(planned(standing(disabled), [disabled]).writes).toEqual([]);
  });

  it('is a VIP with its targets, numeric and IPv4 first (reference maglev 5.6)', () => {
    const six = aListener({ '10.0.0.3': 1 }, { name: 'a', address: '2001:db8::10' });
    const far = aListener({ '10.0.0.3': 1 }, { name: 'b', address: '192.0.2.9', port: 443 });
    expect(linesOf(planned([], [six, WEB, far]).writes)).toEqual([
      'add-vip 192.0.2.9/32 tcp port 443 gre4',
      'add-target 192.0.2.9/32 tcp port 443 10.0.0.3 weight 1',
      'add-vip 192.0.2.10/32 tcp port 80 gre4',
      'add-target 192.0.2.10/32 tcp port 80 10.0.0.2 weight 50',
      'add-target 192.0.2.10/32 tcp port 80 10.0.0.10 weight 100',
      'add-vip 2001:db8::10/128 tcp port 80 gre4',
      'add-target 2001:db8::10/128 tcp port 80 10.0.0.3 weight 1',
    ]);
  });

  it('removes a stale VIP: its targets first, with flush (6.4)', () => {
    expect(linesOf(planned(standing(WEB), []).writes)).toEqual([
      'remove-target 192.0.2.10/32 tcp port 80 10.0.0.2 flush',
      'remove-target 192.0.2.10/32 tcp port 80 10.0.0.10 flush',
      'remove-vip 192.0.2.10/32 tcp port 80',
    ]);
  });

  it('adds targets before others leave, and raises weights before others fall', () => {
    const next = aListener({ '10.0.0.2': 0, '10.0.0.3': 7, '10.0.0.4': 100 });
    const before = aListener({ '10.0.0.1': 100, '10.0.0.2': 50, '10.0.0.4': 0 });
    expect(linesOf(planned(standing(before), [next]).writes)).toEqual([
      'add-target 192.0.2.10/32 tcp port 80 10.0.0.3 weight 7',
      'set-weight 192.0.2.10/32 tcp port 80 10.0.0.4 weight 100',
      'remove-target 192.0.2.10/32 tcp port 80 10.0.0.1',
      'set-weight 192.0.2.10/32 tcp port 80 10.0.0.2 weight 0',
    ]);
  });

  it('ends the flows of a target that leaves while it is to be cut, and of no other (14.5)', () => {
    const hints = { cut: new Set([targetText(vipOf(WEB), '10.0.0.2')]) };
    expect(linesOf(planned(standing(WEB), [aListener()], hints).writes)).toEqual([
      'remove-target 192.0.2.10/32 tcp port 80 10.0.0.2 flush',
      'remove-target 192.0.2.10/32 tcp port 80 10.0.0.10',
    ]);
  });

  it('R5: all targets from IPv4 to IPv6 make the VIP anew, once', () => {
    const next = aListener({ '2001:db8::2': 100 });
    const { writes, recreated } = planned(standing(WEB), [next]);
    expect(linesOf(writes)).toEqual([
      'remove-target 192.0.2.10/32 tcp port 80 10.0.0.2 flush',
      'remove-target 192.0.2.10/32 tcp port 80 10.0.0.10 flush',
      'remove-vip 192.0.2.10/32 tcp port 80',
      'add-vip 192.0.2.10/32 tcp port 80 gre6',
      'add-target 192.0.2.10/32 tcp port 80 2001:db8::2 weight 100',
    ]);
    expect(recreated).toMatchObject([{ name: 'web', why: expect.stringContaining('gre6') }]);
    expect(planned(afterWrites(standing(WEB), writes), [next]).writes).toEqual([]);
  });

  it('R16: a flipped affinity makes the VIP anew, once', () => {
    const sticky = aListener({ '10.0.0.2': 100 }, STICKY);
    const { writes, recreated } = planned(standing(aListener({ '10.0.0.2': 100 })), [sticky]);
    expect(linesOf(writes)).toEqual([
      'remove-target 192.0.2.10/32 tcp port 80 10.0.0.2 flush',
      'remove-vip 192.0.2.10/32 tcp port 80',
      'add-vip 192.0.2.10/32 tcp port 80 gre4 sticky',
      'add-target 192.0.2.10/32 tcp port 80 10.0.0.2 weight 100',
    ]);
    expect(recreated).toHaveLength(1);
    expect(planned(standing(sticky), [sticky]).writes).toEqual([]);
    expect(planned(standing(sticky), [aListener({ '10.0.0.2': 100 })]).recreated).toHaveLength(1);
  });

  it('removes all VIPs of an address with other tunnels before it makes the first (2.8 (3), INVALID_ARGUMENT)', () => {
    const both = [WEB, aListener({ '10.0.0.5': 1 }, { name: 'tls', port: 443 })];
    const next = [aListener({ '2001:db8::2': 1 }), aListener({}, { name: 'tls', port: 443 })];
    const before = standing(...both);
    const { writes } = planned(before, next);
    const after = afterWrites(before, writes);
    expect(after.map(({ encap }) => encap)).toEqual(['gre6', 'gre6']);
    expect(planned(after, next).writes).toEqual([]);
  });

  it('takes the last target of an address away without making the VIP anew', () => {
    const six = aListener({ '2001:db8::2': 100 });
    expect(linesOf(planned(standing(six), [aListener()]).writes)).toEqual([
      'remove-target 192.0.2.10/32 tcp port 80 2001:db8::2',
    ]);
  });

  it('goes from single ports to all of them (2.8 (2), VALUE_EXIST)', () => {
    const all = aListener({ '10.0.0.2': 1 }, { name: 'all', protocol: 'any', port: 0 });
    const before = standing(WEB, aListener({}, { name: 'tls', port: 443 }));
    const after = afterWrites(before, planned(before, [all]).writes);
    expect(after.map(({ key }) => key)).toMatchObject([{ protocol: 255, port: 0 }]);
    const back = planned(after, [WEB]);
    expect(afterWrites(after, back.writes)).toMatchObject([{ key: { protocol: 6, port: 80 } }]);
  });

  it('sets what VPP is told as a whole before all else, and only if it differs', () => {
    const conf = { ...CONF, flowTimeoutSeconds: 60 };
    expect(planned([], [aListener()], { conf }).writes[0]).toEqual({ does: 'conf', conf });
    expect(planned([], [], { conf: { ...CONF, ipv6SrcAddress: '2001:DB8:0::FE' } }).writes).toEqual([]);
  });

  it('keeps what a refused listener was served as', () => {
    const refused = aListener({ '10.0.0.9': 1 }, { connectionLimit: 10 });
    expect(planned(standing(WEB), [refused]).writes).toEqual([]);
    const moved = { ...refused, port: 8080, targets: [] };
    expect(planned(standing(WEB), [moved], {}, new Map([['web', vipOf(WEB)]])).writes).toEqual([]);
  });

  it('R9: is the same whatever order listeners and targets come in, and so is what VPP tells', () => {
    const all = [
      WEB,
      aListener({ '10.0.0.4': 1, '10.0.0.11': 2 }, { name: 'b', port: 443 }),
      aListener({ '2001:db8::2': 3, '2001:db8::1': 4 }, { name: 'c', address: '2001:db8::10' }),
      aListener({ '10.0.0.4': 1 }, { name: 'd', address: '192.0.2.9', protocol: 'udp' }),
    ];
    const before = standing(all[0]!, all[2]!, aListener({ '10.0.0.7': 9 }, { name: 'x', port: 25 }));
    const expected = linesOf(planned(before, all).writes);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(all, { minLength: all.length }),
        fc.shuffledSubarray(before, { minLength: before.length }),
        fc.boolean(),
        (listeners, vips, turn) => {
          const turned = listeners.map((one) => ({
            ...one,
            targets: turn ? [...one.targets].reverse() : one.targets,
          }));
          const told = vips.map((vip) => ({
            ...vip,
            targets: turn ? [...vip.targets].reverse() : vip.targets,
          }));
          expect(linesOf(planned(told, turned).writes)).toEqual(expected);
        },
      ),
    );
  });
});

function cut(address: string) {
  return { address, port: 80, weight: 0, flushes: 1, flush: true } as const;
}
