import { beforeEach, describe, expect, it } from '@jest/globals';
import type { VipPoolModel, VipRecord } from '@signalbox/contracts';
import { claim, gone, pool, written } from './vip.fixture.js';
import { type VipAsk, VipGranting } from './vip-granting.js';

const MINUTE = 60_000;

describe('VipGranting', () => {
  let granting: VipGranting;
  let nowMs: number;
  let stored: VipRecord[];

  beforeEach(() => {
    granting = new VipGranting();
    nowMs = Date.parse('2026-11-30T08:00:00Z');
    stored = [];
  });

  function given(...pools: readonly VipPoolModel[]): void {
    granting.setPools(pools);
  }

  /** What becomes of these, as `holder address` or `holder code`. */
  function when(...asks: readonly VipAsk[]): string[] {
    return told(granting.decide(asks, nowMs));
  }

  function later(ms: number): string[] {
    nowMs += ms;
    return told(granting.due(nowMs));
  }

  function told(records: readonly VipRecord[]): string[] {
    stored.push(...records);
    return records.map((record) => {
      if (record.type === 'freed') return `freed ${record.address}`;
      const who = `${record.holder.kind}/${record.holder.name}`;
      if (record.type === 'leased') return `${who} ${record.address}`;
      if (record.type === 'waiting') return `${who} ${record.code}: ${record.reason}`;
      return `${who} gives up ${record.address ?? 'waiting'}${record.rest ? ` (${record.rest})` : ''}`;
    });
  }

  it('gives any address, never the network or the broadcast address', () => {
    given(pool('edge', ['192.0.2.0/30']));
    expect(when(claim('a'), claim('b'), claim('c'))).toEqual([
      'VipClaim/a 192.0.2.1',
      'VipClaim/b 192.0.2.2',
      'VipClaim/c vip-exhausted: VipPool/edge has no free address',
    ]);
  });

  it('gives them when the pool says so', () => {
    given(pool('edge', ['192.0.2.0/31', '192.0.2.8/30'], { avoidNetworkAndBroadcast: false }));
    expect(when(...'abc'.split('').map((name) => claim(name)))).toEqual([
      'VipClaim/a 192.0.2.0',
      'VipClaim/b 192.0.2.1',
      'VipClaim/c 192.0.2.8',
    ]);
  });

  it('gives addresses of both families, and of the one that is asked for', () => {
    given(pool('edge', ['2001:db8::/64', '192.0.2.0/24']));
    expect(when(claim('a', { family: 'ipv4' }), claim('b', { family: 'ipv6' }), claim('c'))).toEqual([
      'VipClaim/a 192.0.2.1',
      'VipClaim/b 2001:db8::1',
      'VipClaim/c 2001:db8::2',
    ]);
  });

  it('asks every pool that serves the project, by name, and none that only serves who names it', () => {
    given(
      pool('a-other', ['192.0.2.0/24'], { projects: ['lab'] }),
      pool('b-named', ['198.51.100.0/24'], { autoAssign: false }),
      pool('c-small', ['203.0.113.7']),
      pool('d-next', ['203.0.113.9']),
    );
    expect(
      when(claim('a'), claim('b'), claim('c'), claim('d', { pool: 'b-named' }), claim('e', {}, 'lab')),
    ).toEqual([
      'VipClaim/a 203.0.113.7',
      'VipClaim/b 203.0.113.9',
      'VipClaim/c vip-exhausted: VipPool/c-small, VipPool/d-next have no free address',
      'VipClaim/d 198.51.100.1',
      'VipClaim/lab/e 192.0.2.1',
    ]);
  });

  it('a written address of a pool is held before any address is given', () => {
    given(pool('edge', ['192.0.2.0/24']));
    expect(when(claim('a'), written('web', '192.0.2.1'), claim('b', { address: '192.0.2.2' }))).toEqual([
      'LoadBalancer/web 192.0.2.1',
      'VipClaim/b 192.0.2.2',
      'VipClaim/a 192.0.2.3',
    ]);
    expect(granting.vipOf('LoadBalancer/far', '198.51.100.1')).toEqual({ address: '198.51.100.1' });
  });

  it('whoever comes second waits and says for what, and gets it when the quarantine is over', () => {
    given(pool('edge', ['192.0.2.0/24']));
    when(claim('a'));
    expect(when(written('web', '192.0.2.1'))).toEqual([
      'LoadBalancer/web vip-taken: 192.0.2.1 is held by VipClaim/a',
    ]);
    expect(granting.vipOf('LoadBalancer/web', '192.0.2.1')).toEqual({
      waits: '192.0.2.1 is held by VipClaim/a',
    });
    expect(when(gone(claim('a')))).toEqual([
      'VipClaim/a gives up 192.0.2.1 (quarantined)',
      'LoadBalancer/web vip-in-quarantine: 192.0.2.1 was given up by VipClaim/a and rests until 2026-11-30T08:10:00.000Z',
    ]);
    expect(later(10 * MINUTE - 1)).toEqual([]);
    expect(later(1)).toEqual(['freed 192.0.2.1', 'LoadBalancer/web 192.0.2.1']);
  });

  it('a holder that comes back gets its address back, also in quarantine', () => {
    given(pool('edge', ['192.0.2.0/24']));
    when(claim('a'), claim('b'));
    when(gone(claim('a')));
    expect(when(claim('c'))).toEqual(['VipClaim/c 192.0.2.3']);
    expect(when(claim('a'))).toEqual(['VipClaim/a 192.0.2.1']);
    expect(later(60 * MINUTE)).toEqual([]);
  });

  it('gives addresses that came back again when there are no others, longest ago first', () => {
    given(pool('edge', ['192.0.2.1-192.0.2.3'], { quarantine: '1m' }));
    when(claim('a'), claim('b'), claim('c'));
    when(gone(claim('b')));
    when(gone(claim('a')));
    expect(when(claim('d'), claim('e'))).toEqual([
      'VipClaim/d vip-exhausted: VipPool/edge has no free address',
      'VipClaim/e vip-exhausted: VipPool/edge has no free address',
    ]);
    expect(later(MINUTE).sort()).toEqual([
      'VipClaim/d 192.0.2.1',
      'VipClaim/e 192.0.2.2',
      'freed 192.0.2.1',
      'freed 192.0.2.2',
    ]);
  });

  it('addresses of two pools that come back at once serve two who wait, whichever comes first', () => {
    given(pool('a', ['192.0.2.1'], { quarantine: '1m' }), pool('b', ['2001:db8::1'], { quarantine: '1m' }));
    when(claim('x'), claim('y'));
    when(claim('p'));
    when(claim('q'));
    // that of the pool which is asked second comes back first
    when(gone(claim('y')));
    expect(later(1)).toEqual([]);
    when(gone(claim('x')));
    expect(later(MINUTE).sort()).toEqual([
      'VipClaim/p 192.0.2.1',
      'VipClaim/q 2001:db8::1',
      'freed 192.0.2.1',
      'freed 2001:db8::1',
    ]);
  });

  it('without a quarantine the next one has it at once', () => {
    given(pool('edge', ['192.0.2.7'], { quarantine: '0s' }));
    when(claim('a'), claim('b'));
    expect(when(gone(claim('a')))).toEqual(['VipClaim/a gives up 192.0.2.7 (free)', 'VipClaim/b 192.0.2.7']);
  });

  it('claims of one project share by their key, and nobody else does', () => {
    given(pool('edge', ['192.0.2.0/24']));
    const shop = { sharingKey: 'shop' };
    expect(
      when(
        claim('a', shop),
        claim('b', shop),
        claim('c', { sharingKey: 'other' }),
        claim('d', shop, 'lab'),
        claim('e'),
      ),
    ).toEqual([
      'VipClaim/a 192.0.2.1',
      'VipClaim/b 192.0.2.1',
      'VipClaim/c 192.0.2.2',
      'VipClaim/lab/d 192.0.2.3',
      'VipClaim/e 192.0.2.4',
    ]);
    expect(when(gone(claim('a')))).toEqual(['VipClaim/a gives up 192.0.2.1 (held)']);
    expect(when(gone(claim('b')))).toEqual(['VipClaim/b gives up 192.0.2.1 (quarantined)']);
  });

  it('written addresses of one project share, those of two do not', () => {
    given(pool('edge', ['192.0.2.0/24']));
    expect(
      when(written('a', '192.0.2.9'), written('b', '192.0.2.9'), written('c', '192.0.2.9', 'lab')),
    ).toEqual([
      'LoadBalancer/a 192.0.2.9',
      'LoadBalancer/b 192.0.2.9',
      'LoadBalancer/lab/c vip-taken: 192.0.2.9 is held by another project',
    ]);
    when(gone(written('a', '192.0.2.9')));
    expect(when(gone(written('b', '192.0.2.9')))).toEqual([
      'LoadBalancer/b gives up 192.0.2.9 (quarantined)',
      'LoadBalancer/lab/c vip-in-quarantine: 192.0.2.9 was given up by another project and rests until 2026-11-30T08:10:00.000Z',
    ]);
  });

  it('nothing is taken away when a pool changes or goes', () => {
    given(pool('edge', ['192.0.2.0/24']));
    when(claim('a'), written('web', '192.0.2.9'));
    given(pool('edge', ['198.51.100.0/24'], { projects: ['lab'] }));
    expect(told(granting.again(nowMs))).toEqual([]);
    expect(granting.vipOf('VipClaim/a')).toEqual({ address: '192.0.2.1' });
    given();
    expect(told(granting.again(nowMs))).toEqual([]);
    expect(granting.vipOf('VipClaim/a')).toEqual({ address: '192.0.2.1' });
    expect(when(gone(claim('a')))).toEqual(['VipClaim/a gives up 192.0.2.1 (quarantined)']);
  });

  it('a pool that grows serves those who wait; one that comes holds what is written already', () => {
    given(pool('edge', ['192.0.2.1']));
    when(claim('a'), claim('b'), written('web', '198.51.100.7'));
    given(pool('edge', ['192.0.2.1', '198.51.100.0/24']));
    expect(told(granting.again(nowMs))).toEqual(['LoadBalancer/web 198.51.100.7', 'VipClaim/b 198.51.100.1']);
  });

  it('a claim that asks for something else gives up what it had', () => {
    given(pool('edge', ['192.0.2.0/24']));
    when(claim('a'));
    expect(when(claim('a', { address: '192.0.2.50' }))).toEqual([
      'VipClaim/a gives up 192.0.2.1 (quarantined)',
      'VipClaim/a 192.0.2.50',
    ]);
    expect(when(claim('a'))).toEqual([]);
  });

  it('counts what a pool has given', () => {
    given(pool('edge', ['192.0.2.0/24']));
    when(claim('a'), claim('b'), claim('c'));
    when(gone(claim('b')));
    expect(granting.ledger.countsOf('edge')).toEqual({ used: 2, quarantined: 1 });
    later(10 * MINUTE);
    expect(granting.ledger.countsOf('edge')).toEqual({ used: 2, quarantined: 0 });
  });

  it('goes on from its records as if nothing had happened', () => {
    given(pool('edge', ['192.0.2.0/24']));
    when(claim('a'), claim('b'));
    when(gone(claim('a')));
    const restarted = new VipGranting();
    restarted.restore(stored);
    restarted.setPools([pool('edge', ['192.0.2.0/24'])]);
    granting = restarted;
    expect(when(claim('b'))).toEqual([]);
    expect(when(claim('c'))).toEqual(['VipClaim/c 192.0.2.3']);
    expect(later(10 * MINUTE)).toEqual(['freed 192.0.2.1']);
  });

  it('tells what would be given back and asked for, and decides nothing', () => {
    given(pool('edge', ['192.0.2.0/28']));
    when(claim('a'), written('lb', '192.0.2.5'));
    const outlook = (...asks: readonly VipAsk[]): string[] =>
      granting.outlook(asks).map(({ action, holder, address }) => `${holder} ${action} ${address ?? 'any'}`);
    expect(outlook(claim('a'), written('lb', '192.0.2.5'))).toEqual([]);
    expect(outlook(claim('a', { address: '192.0.2.9' }), claim('b'), written('far', '198.51.100.1'))).toEqual(
      ['VipClaim/a released 192.0.2.1', 'VipClaim/a claimed 192.0.2.9', 'VipClaim/b claimed any'],
    );
    const leaving = [gone(claim('a')), gone(written('lb', '192.0.2.5')), gone(claim('never'))];
    expect(outlook(...leaving)).toEqual([
      'VipClaim/a released 192.0.2.1',
      'LoadBalancer/lb released 192.0.2.5',
    ]);
    expect(when(claim('a'))).toEqual([]);
    expect(when(...leaving)).toEqual([
      'VipClaim/a gives up 192.0.2.1 (quarantined)',
      'LoadBalancer/lb gives up 192.0.2.5 (quarantined)',
    ]);
  });
});
