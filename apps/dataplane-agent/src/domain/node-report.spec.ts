import { describe, expect, it } from '@jest/globals';
import { digestOf, type NodeListenerReport } from '@signalbox/contracts';
import type { ObservedListener } from '../drivers/driver.js';
import { applied, desired, given, refused } from './given-node.fixture.js';
import { changesOf, NO_CAPABILITIES, type NodeReport, reportListeners } from './node-report.js';

const [web, dns] = [given('web', [1, 100]), given('dns', [2, 100])];
const listensAt = { address: '127.0.0.1', port: 4000 };
const standing: ObservedListener = { ...web, listensAt };

function report(listeners: readonly NodeListenerReport[], generation = 1): NodeReport {
  return {
    ...{ driver: 'sim', state: 'ready', epoch: 'e1', appliedGeneration: generation },
    capabilities: NO_CAPABILITIES,
    listeners,
  };
}

describe('reportListeners', () => {
  it('tells how each stands, and leaves one that stands as before in its generation', () => {
    const first = reportListeners(desired(1, dns, web), applied('dns', 'web'), [], []);
    expect(first).toEqual([
      { name: 'dns', state: 'applied', generation: 1, digest: digestOf(dns), listensAt },
      { name: 'web', state: 'applied', generation: 1, digest: digestOf(web), listensAt },
    ]);
    const changed = given('web', [1, 50]);
    const second = reportListeners(desired(2, dns, changed), applied('dns', 'web'), [], first);
    expect(second[0]).toBe(first[0]);
    expect(second[1]).toMatchObject({ generation: 2, digest: digestOf(changed) });
  });

  it('tells what goes on of a refused one, and that nothing does', () => {
    const before = reportListeners(desired(1, web), applied('web'), [], []);
    const next = desired(2, given('web', [1, 50]));
    const error = { code: 'listen-failed', message: 'taken' };
    expect(reportListeners(next, [refused('web')], [standing], before)).toEqual([
      { name: 'web', state: 'refused', generation: 2, digest: digestOf(web), listensAt, error },
    ]);
    expect(reportListeners(next, [refused('web')], [], before)).toEqual([
      { name: 'web', state: 'refused', generation: 2, digest: next.digests['web'], error },
    ]);
  });

  it('has the digest of the table and the warning', () => {
    const [one] = applied('web');
    const result = { ...one!, tableDigest: 't1', warning: 'small' };
    expect(reportListeners(desired(1, web), [result], [], [])).toMatchObject([
      { tableDigest: 't1', warning: 'small' },
    ]);
  });
});

describe('changesOf', () => {
  const [one, other] = reportListeners(desired(1, dns, web), applied('dns', 'web'), [], []) as [
    NodeListenerReport,
    NodeListenerReport,
  ];

  it('is everything when nothing was told', () => {
    expect(changesOf(undefined, report([one, other]))).toEqual({ listeners: [one, other], gone: [] });
  });

  it('is nothing when nothing changed', () => {
    expect(changesOf(report([one, other]), report([{ ...one }, other]))).toBeUndefined();
  });

  it('is what is new, changed and gone', () => {
    const changed = { ...one, generation: 2 };
    expect(changesOf(report([one, other]), report([changed], 2))).toEqual({
      listeners: [changed],
      gone: ['web'],
    });
  });

  it('is a record without listeners when only the node changed', () => {
    expect(changesOf(report([one]), report([one], 2))).toEqual({ listeners: [], gone: [] });
    expect(changesOf(report([one]), { ...report([one]), state: 'unavailable' })).toEqual({
      listeners: [],
      gone: [],
    });
  });

  it('names VIPs that are new, changed and gone, and all routers when one of them changed', () => {
    const since = '2026-11-30T12:00:00.000Z';
    const vip = { announcement: 'edge', method: 'bird', state: 'announced', since } as const;
    const [a, b, c] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((address) => ({ ...vip, address }));
    const peers = [
      { name: 'tor-a', state: 'up', since } as const,
      { name: 'tor-b', state: 'up', since } as const,
    ];
    const told = { ...report([one]), vips: [a!, b!], peers };
    expect(changesOf(undefined, told)).toEqual({ listeners: [one], gone: [], vips: [a, b], peers });
    expect(changesOf(told, { ...told, vips: [{ ...a! }, b!], peers: [...peers] })).toBeUndefined();
    const changed = { ...b!, state: 'withdrawn', why: 'the node is drained' } as const;
    expect(changesOf(told, { ...told, vips: [changed, c!] })).toEqual({
      ...{ listeners: [], gone: [] },
      ...{ vips: [changed, c], goneVips: ['192.0.2.1'] },
    });
    const down = [peers[0]!, { ...peers[1]!, state: 'down' } as const];
    expect(changesOf(told, { ...told, peers: down })).toEqual({ listeners: [], gone: [], peers: down });
    const { vips: _vips, peers: _peers, ...bare } = told;
    expect(changesOf(told, bare)).toEqual({
      ...{ listeners: [], gone: [], peers: [] },
      goneVips: ['192.0.2.1', '192.0.2.2'],
    });
    expect(changesOf(told, { ...told, drained: true })).toEqual({ listeners: [], gone: [] });
  });
});
