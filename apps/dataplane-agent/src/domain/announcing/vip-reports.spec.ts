import { describe, expect, it } from '@jest/globals';
import type { AnnounceMethod, NodeVip, NodeVipReport } from '@signalbox/contracts';
import type { PeerSession, StandingVip } from '../../announcers/announcer.js';
import { vip } from './given-vips.fixture.js';
import { vipKey } from './outgoing.js';
import { type AnnouncerView, reportPeers, reportVips } from './vip-reports.js';

const A = '192.0.2.10';
const [THEN, NOW] = ['2026-11-29T12:00:00.000Z', '2026-11-29T12:00:05.000Z'];
const told: StandingVip = { address: A, state: 'announced', to: ['tor-a'] };
const named = { address: A, announcement: 'edge', method: 'bird' } as const;
const UP: PeerSession = { name: 'tor-a', state: 'up' };

function bird(
  standing: readonly StandingVip[] | undefined,
  over: Partial<AnnouncerView> = {},
): Map<AnnounceMethod, AnnouncerView> {
  const view: AnnouncerView = {
    standing: standing && new Map(standing.map((one) => [one.address, one])),
    sessions: [UP],
    ...over,
  };
  return new Map([['bird', view]]);
}

function report(
  announcers: Map<AnnounceMethod, AnnouncerView>,
  {
    why,
    before = [],
    vips = [vip(A)],
  }: { why?: string; before?: readonly NodeVipReport[]; vips?: readonly NodeVip[] } = {},
): NodeVipReport[] {
  const outgoing = why === undefined ? { wished: vips, leaving: [] } : { wished: [], leaving: [] };
  const reasons = new Map(why === undefined ? [] : [[vipKey(vip(A)), why]]);
  return reportVips({ vips, outgoing, reasons, announcers }, before, NOW);
}

describe('reportVips', () => {
  it('tells to whom a VIP is announced, and since when it is', () => {
    expect(report(bird([told]))).toEqual([{ ...named, state: 'announced', since: NOW, to: ['tor-a'] }]);
    const before = [{ ...named, state: 'announced', since: THEN, to: [] }] as const;
    expect(report(bird([told]), { before })).toEqual([
      { ...named, state: 'announced', since: THEN, to: ['tor-a'] },
    ]);
  });

  it('tells why the node does not announce it', () => {
    const withdrawn = { ...named, state: 'withdrawn', since: NOW, why: 'the node is drained' };
    expect(report(bird([]), { why: 'the node is drained' })).toEqual([withdrawn]);
    expect(report(bird([told]), { why: 'the node is drained' })).toEqual([
      {
        ...named,
        state: 'announced',
        since: NOW,
        to: ['tor-a'],
        why: 'it is being withdrawn: the node is drained',
      },
    ]);
  });

  it('tells why an announcer does not, and of what nobody hears', () => {
    const [state, why] = ['state', 'why'].map(
      (key) => (all: NodeVipReport[]) => all[0]?.[key as keyof NodeVipReport],
    );
    const read = (all: NodeVipReport[]) => [state?.(all), why?.(all)];
    expect(read(report(bird(undefined)))).toEqual(['withdrawn', 'it is being announced']);
    const error = { code: 'announce-refused', message: 'it is in no pool' } as const;
    expect(read(report(bird([{ address: A, state: 'refused', error }])))).toEqual([
      'refused',
      'it is in no pool',
    ]);
    expect(read(report(bird(undefined, { failure: error })))).toEqual(['refused', 'it is in no pool']);
    expect(read(report(bird([told], { failure: error })))).toEqual(['announced', undefined]);
    const away = { code: 'announcer-unavailable', message: 'no socket' } as const;
    expect(read(report(bird([told], { failure: away })))).toEqual(['withdrawn', 'no socket']);
    const sessions = [{ name: 'tor-a', state: 'down', why: 'Hold timer expired' }] as const;
    expect(read(report(bird([{ ...told, to: [] }], { sessions })))).toEqual([
      'withdrawn',
      'no session stands that could tell it: tor-a (Hold timer expired)',
    ]);
    expect(read(report(bird([{ address: A, state: 'standby', why: 'lb-2 leads it' }])))).toEqual([
      'standby',
      'lb-2 leads it',
    ]);
  });

  it('goes on with what was said before a restart until the announcer answers', () => {
    const before = [{ ...named, state: 'announced', since: THEN, to: ['tor-a'] }] as const;
    expect(report(bird(undefined), { before })).toEqual(before);
    expect(report(new Map(), { before })).toEqual(before);
  });

  it('names those that leave, too', () => {
    const outgoing = { wished: [], leaving: [{ vip: vip(A), listeners: [], sinceMs: 1 }] };
    const facts = { vips: [], outgoing, reasons: new Map<string, string>(), announcers: bird([]) };
    expect(reportVips(facts, [], NOW)).toMatchObject([
      { address: A, state: 'withdrawn', why: 'the node is not to announce it any more' },
    ]);
  });
});

describe('reportPeers', () => {
  it('sorts them by name, keeps times, and knows of none when the daemon is away', () => {
    const vips = [vip(A)];
    const sessions = [UP, { name: 'a', state: 'starting', bfd: 'down', why: 'Active' } as const];
    const before = [{ name: 'tor-a', state: 'up', since: THEN } as const];
    expect(reportPeers({ vips, announcers: bird([], { sessions }) }, before, NOW)).toEqual([
      { name: 'a', state: 'starting', since: NOW, bfd: 'down', why: 'Active' },
      { name: 'tor-a', state: 'up', since: THEN },
    ]);
    const failure = { code: 'announcer-unavailable', message: 'no socket' } as const;
    expect(reportPeers({ vips, announcers: bird([], { failure }) }, before, NOW)).toEqual([
      { name: 'tor-a', state: 'down', since: NOW, why: 'no socket' },
    ]);
  });

  it('goes on with what was said before a restart until the announcer answers', () => {
    const before = [
      { name: 'tor-a', state: 'up', since: THEN } as const,
      { name: 'b', state: 'up', since: THEN } as const,
    ];
    const unheard = bird(undefined, { sessions: [] });
    expect(reportPeers({ vips: [vip(A)], announcers: unheard }, before, NOW)).toEqual([before[0]]);
    expect(reportPeers({ vips: [vip(A)], announcers: new Map() }, before, NOW)).toEqual([before[0]]);
    expect(reportPeers({ vips: [], announcers: new Map() }, before, NOW)).toEqual([]);
  });
});
