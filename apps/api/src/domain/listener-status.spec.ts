import { describe, expect, it } from '@jest/globals';
import { OPERATING_STATUSES, PROVISIONING_STATUSES } from '@signalbox/contracts';
import fc from 'fast-check';
import {
  operatingOf,
  type Operating,
  provisioningOf,
  type Provisioning,
  type ServingNode,
  type StatusTarget,
  tablesAgree,
  worstOf,
} from './listener-status.js';

const current: ServingNode = {
  node: 'current',
  wanted: 'd2',
  state: 'ready',
  report: { state: 'applied', digest: 'd2', listensAt: { address: '127.0.0.1', port: 80 } },
};
const behind: ServingNode = { ...current, node: 'behind', report: { state: 'applied', digest: 'd1' } };
const refusing: ServingNode = {
  ...current,
  node: 'refusing',
  report: { state: 'refused', digest: 'd1', error: { code: 'listen-failed', message: 'port 80 is in use' } },
};
const silent: ServingNode = { node: 'silent', wanted: 'd2' };
const untold: ServingNode = { node: 'untold', state: 'ready' };
const waiting: ServingNode = { node: 'waiting', wanted: 'd2', state: 'waiting' };
const away: ServingNode = { ...behind, node: 'away', state: 'unavailable' };

describe('provisioning', () => {
  it.each<[string, readonly ServingNode[], Provisioning]>([
    ['active', [current, { ...current, node: 'other' }], { status: 'active' }],
    ['refused', [current, refusing, behind], { status: 'error', reason: 'refusing: port 80 is in use' }],
    [
      'behind',
      [current, behind],
      { status: 'pending', reason: 'behind has not applied the newest state yet' },
    ],
    ['never reported', [silent], { status: 'pending', reason: 'silent has not reported yet' }],
    ['not told', [untold], { status: 'pending', reason: 'untold was not told yet' }],
    ['waiting', [waiting], { status: 'pending', reason: 'waiting has no complete desired state yet' }],
    [
      'not told the newest',
      [{ ...current, waits: 'it warms up' }],
      { status: 'pending', reason: 'current was not told the newest state yet: it warms up' },
    ],
    ['away', [away], { status: 'pending', reason: 'away does not reach its data plane' }],
    ['away, but up to date', [{ ...current, state: 'unavailable' }], { status: 'active' }],
  ])('%s', (_case, nodes, expected) => {
    expect(provisioningOf({ nodes })).toEqual(expected);
  });

  it('is unplaced with the reason, and unknown when nobody says', () => {
    expect(provisioningOf({ unplaced: 'no node names it' })).toEqual({
      status: 'unplaced',
      reason: 'no node names it',
    });
    expect(provisioningOf(undefined)).toMatchObject({ status: 'unknown' });
  });
});

const up: StatusTarget = {
  pool: 'primary',
  name: 'b1',
  state: 'up',
  effective: 100,
  rule: 'active',
  isChecked: true,
};
const down: StatusTarget = { ...up, name: 'b2', state: 'down', effective: 0, rule: 'down' };
const drained: StatusTarget = { ...up, name: 'b3', effective: 0, rule: 'weight-zero' };
const paused: StatusTarget = { ...up, name: 'b4', state: 'paused', effective: 0, rule: 'paused' };
const standby: StatusTarget = { ...down, pool: 'fallback', name: 'b5', rule: 'standby' };
const unchecked: StatusTarget = { ...up, isChecked: false };

describe('operating', () => {
  it.each<[string, readonly StatusTarget[], Operating]>([
    ['online', [up], { status: 'online' }],
    ['online: a target of another pool is down', [up, standby], { status: 'online' }],
    ['online: one of two is drained', [up, drained], { status: 'online' }],
    ['degraded', [up, down], { status: 'degraded', reason: 'b2 is down' }],
    ['degraded by an operator', [up, paused], { status: 'degraded', reason: 'b4 is paused' }],
    ['draining', [drained, paused], { status: 'draining', reason: 'no new connections for b3, b4' }],
    [
      'draining, the others down',
      [drained, down],
      { status: 'draining', reason: 'no new connections for b3' },
    ],
    ['offline', [down, standby], { status: 'offline', reason: 'no target has a weight' }],
    ['offline without targets', [], { status: 'offline', reason: 'it has no targets' }],
    ['no-monitor', [unchecked, { ...unchecked, name: 'b6' }], { status: 'no-monitor' }],
    ['online: one of two is probed', [up, unchecked], { status: 'online' }],
    [
      'degraded: not probed, and one is disabled',
      [unchecked, { ...paused, state: 'disabled', isChecked: false }],
      { status: 'degraded', reason: 'b4 is disabled' },
    ],
  ])('%s', (_case, targets, expected) => {
    const input = { enabled: true, isServed: true, activePool: 'primary', policyPools: [], targets };
    expect(operatingOf(input)).toEqual(expected);
    const offline = (reason: string): Operating => ({ status: 'offline', reason });
    expect(operatingOf({ ...input, isServed: false })).toEqual(offline('no node serves it'));
    expect(operatingOf({ ...input, enabled: false, isServed: false })).toEqual(offline('it is disabled'));
  });
});

describe('operating with pools of policies', () => {
  const up: StatusTarget = {
    ...{ pool: 'primary', name: 'b1', state: 'up', effective: 100, rule: 'active', isChecked: true },
  };
  const ofPolicy: StatusTarget = { ...up, pool: 'api', name: 'b7' };
  const down = { state: 'down', effective: 0, rule: 'down' } as const;
  it.each<[string, readonly StatusTarget[], Operating]>([
    ['online', [up, ofPolicy], { status: 'online' }],
    [
      'degraded: one of several is down',
      [up, ofPolicy, { ...ofPolicy, name: 'b8', ...down }],
      { status: 'degraded', reason: 'b8 is down' },
    ],
    [
      'degraded: a policy has nowhere to send requests',
      [up, { ...ofPolicy, ...down }],
      { status: 'degraded', reason: 'no target has a weight in pool api of its policies' },
    ],
    [
      'degraded: there is none to send them to',
      [up],
      { status: 'degraded', reason: 'no target has a weight in pool api of its policies' },
    ],
    [
      'degraded: only policies serve',
      [{ ...up, ...down }, ofPolicy],
      { status: 'degraded', reason: 'no target has a weight but those of its policies' },
    ],
    [
      'draining: whatever policies do',
      [{ ...up, effective: 0, rule: 'weight-zero' }, ofPolicy],
      { status: 'draining', reason: 'no new connections for b1' },
    ],
    [
      'offline',
      [
        { ...up, ...down },
        { ...ofPolicy, ...down },
      ],
      { status: 'offline', reason: 'no target has a weight' },
    ],
    [
      'no monitor',
      [
        { ...up, isChecked: false },
        { ...ofPolicy, isChecked: false },
      ],
      { status: 'no-monitor' },
    ],
  ])('%s', (_case, targets, expected) => {
    const input = { enabled: true, isServed: true, activePool: 'primary', policyPools: ['api'], targets };
    expect(operatingOf(input)).toEqual(expected);
  });
});

describe('a load balancer', () => {
  it('without listeners has nothing to provision and serves nobody', () => {
    expect(worstOf([])).toEqual({ provisioning: 'active', operating: 'offline' });
  });

  it('is no better than any of its listeners, and as good as one of them', () => {
    const listeners = fc.array(
      fc.record({
        provisioning: fc.record({ status: fc.constantFrom(...PROVISIONING_STATUSES) }),
        operating: fc.record({ status: fc.constantFrom(...OPERATING_STATUSES) }),
      }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(listeners, (given) => {
        const worst = worstOf(given);
        expect(given.map(({ provisioning }) => provisioning.status)).toContain(worst.provisioning);
        expect(given.map(({ operating }) => operating.status)).toContain(worst.operating);
        for (const one of given) {
          const both = worstOf([
            one,
            { provisioning: { status: worst.provisioning }, operating: { status: worst.operating } },
          ]);
          expect(both).toEqual(worst);
        }
      }),
    );
  });

  it.each([
    ['error', 'active', 'error'],
    ['unplaced', 'active', 'unplaced'],
    ['pending', 'error', 'error'],
  ] as const)('with %s and %s is %s', (one, other, worst) => {
    const listener = (status: typeof one | typeof other) => ({
      provisioning: { status },
      operating: { status: 'online' as const },
    });
    expect(worstOf([listener(one), listener(other)])).toEqual({ provisioning: worst, operating: 'online' });
  });
});

describe('the tables of nodes', () => {
  const withTable = (node: ServingNode, tableDigest: string) => ({
    ...node,
    report: { ...node.report!, tableDigest },
  });

  it('agree, or not, among nodes with the newest state', () => {
    const one = withTable(current, 't1');
    expect(tablesAgree([one, withTable(current, 't1')])).toBe(true);
    expect(tablesAgree([one, withTable(current, 't2')])).toBe(false);
    expect(tablesAgree([one, withTable(current, 't1'), withTable(behind, 't2')])).toBe(true);
  });

  it('cannot be compared with less than two', () => {
    expect(tablesAgree([withTable(current, 't1'), withTable(behind, 't2'), current])).toBeUndefined();
  });
});
