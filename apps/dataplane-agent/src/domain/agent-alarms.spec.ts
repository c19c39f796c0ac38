import { describe, expect, it } from '@jest/globals';
import { agentAlarms, INCOMPLETE_MS, PEER_DOWN_MS, type Troubles } from './agent-alarms.js';

const SINCE = Date.parse('2026-11-29T12:00:00Z');
const none: Troubles = {
  ...{ node: 'local', listeners: [], refusedSinceMs: new Map() },
  ...{ announcers: [], vips: [], peers: [] },
};

describe('agentAlarms', () => {
  it('has none when all is well', () => {
    expect(agentAlarms(none, SINCE)).toEqual([]);
  });

  it('gives an incomplete state its time, and names three keys at most', () => {
    const incomplete = { sinceMs: SINCE, generation: 4, missing: ['k1', 'k2', 'k3', 'k4', 'k5'] };
    expect(agentAlarms({ ...none, incomplete }, SINCE + INCOMPLETE_MS - 1)).toEqual([]);
    const [alarm] = agentAlarms({ ...none, incomplete }, SINCE + INCOMPLETE_MS);
    expect(alarm).toMatchObject({ kind: 'desired-state-incomplete', since: '2026-11-29T12:00:00.000Z' });
    expect(alarm?.text).toContain('generation 4 lacks k1, k2, k3 and 2 more');
  });

  it('tells of a data plane and of each refused listener, with the reasons', () => {
    const error = { code: 'listen-failed', message: 'the port is taken' } as const;
    const troubles: Troubles = {
      ...none,
      failure: { sinceMs: SINCE, error: { code: 'data-plane-unavailable', message: 'no answer' } },
      listeners: [
        { name: 'web', state: 'refused', generation: 1, digest: '', error },
        { name: 'dns', state: 'applied', generation: 1, digest: '' },
      ],
      refusedSinceMs: new Map([['web', SINCE]]),
    };
    expect(agentAlarms(troubles, SINCE).map(({ kind, name, reason }) => [kind, name, reason])).toEqual([
      ['data-plane-unavailable', 'local', 'data-plane-unavailable'],
      ['listener-refused', 'web', 'listen-failed'],
    ]);
  });

  it('tells of announcers, of VIPs that one refuses, and of routers that were lost for long enough', () => {
    const since = '2026-11-29T12:00:00.000Z';
    const vip = { announcement: 'edge', method: 'bird', since } as const;
    const troubles: Troubles = {
      ...none,
      announcers: [
        {
          method: 'vrrp',
          sinceMs: SINCE,
          error: { code: 'announcer-unavailable', message: 'no keepalived' },
        },
      ],
      vips: [
        { ...vip, address: '192.0.2.10', state: 'announced' },
        { ...vip, address: '192.0.2.11', state: 'refused', why: 'it is in no VIP pool' },
        { ...vip, address: '192.0.2.12', state: 'refused', method: 'vrrp', why: 'no keepalived' },
      ],
      peers: [
        { name: 'tor-a', state: 'up', since },
        { name: 'tor-b', state: 'starting', since, why: 'Connection refused' },
      ],
    };
    const told = (nowMs: number) =>
      agentAlarms(troubles, nowMs).map(({ kind, name, text }) => [kind, name, text]);
    const always = [
      ['announcer-unavailable', 'local', 'node local cannot announce its VIPs by vrrp: no keepalived'],
      ['vip-refused', '192.0.2.11', 'node local does not announce 192.0.2.11 of edge: it is in no VIP pool'],
    ];
    expect(told(SINCE + PEER_DOWN_MS - 1)).toEqual(always);
    expect(told(SINCE + PEER_DOWN_MS)).toEqual([
      ...always,
      ['bgp-peer-down', 'tor-b', 'node local has no session with router tor-b: Connection refused'],
    ]);
  });
});
