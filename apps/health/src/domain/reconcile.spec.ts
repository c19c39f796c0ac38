import { describe, expect, it } from '@jest/globals';
import type { BackendState } from '@signalbox/contracts';
import { STATIC_COUNTER } from './check.js';
import type { CounterRules } from './counter.js';
import { wantedOf } from './intent.js';
import { type Desired, reconcile, type Standing } from './reconcile.js';

const RULES: CounterRules = { rise: 2, fall: 3, mode: 'haproxy' };
const DESIRED: Desired = {
  endpoint: { address: '10.0.0.1' },
  healthcheck: 'h',
  checkDigest: 'd',
  counter: RULES,
  wanted: 'run',
};
const STATIC: Desired = { endpoint: { address: '10.0.0.1' }, counter: STATIC_COUNTER, wanted: 'run' };

function standing(state: BackendState, over: Partial<Standing> = {}): Standing {
  const counter = state === 'up' ? 4 : state === 'down' ? 0 : 1;
  const machine = { state, counter, verified: true };
  return { machine, endpoint: { address: '10.0.0.1' }, healthcheck: 'h', checkDigest: 'd', ...over };
}

/** Steps as `from > to code`. */
function shown(before: Standing | undefined, desired: Desired): string[] {
  return reconcile(before, desired).map(
    ({ from, machine, code }) => `${from ?? 'new'} > ${machine.state} ${code}`,
  );
}

describe('a reload (reference 3.12)', () => {
  it('added: unknown, then probes decide', () => {
    expect(shown(undefined, DESIRED)).toEqual(['new > unknown started']);
    expect(shown(standing('removed'), DESIRED)).toEqual(['removed > unknown started']);
  });

  it('R10 added without a check: up on the first iteration', () => {
    expect(shown(undefined, STATIC)).toEqual(['new > unknown started', 'unknown > up static']);
  });

  it('added as disabled', () => {
    expect(shown(undefined, { ...DESIRED, wanted: 'disable' })).toEqual([
      'new > unknown started',
      'unknown > disabled disabled',
    ]);
    expect(shown(undefined, { ...STATIC, wanted: 'disable' })).toEqual([
      'new > unknown started',
      'unknown > disabled disabled',
    ]);
  });

  it.each<BackendState>(['unknown', 'up', 'down'])('unchanged: a backend that is %s goes on', (state) => {
    expect(reconcile(standing(state), DESIRED)).toEqual([]);
  });

  it.each<[BackendState, Desired['wanted']]>([
    ['paused', 'pause'],
    ['disabled', 'disable'],
  ])('R2 unchanged: a backend that is %s stays so', (state, wanted) => {
    expect(reconcile(standing(state), { ...DESIRED, wanted })).toEqual([]);
  });

  it.each([{ address: '10.0.0.2' }, { address: '10.0.0.1', port: 8080 }])(
    'R4 another address or port (%j) starts again: the counter told about another server',
    (endpoint) => {
      const [step, ...rest] = reconcile(standing('up'), { ...DESIRED, endpoint });
      expect(rest).toEqual([]);
      expect(step).toEqual({
        from: 'up',
        code: 'address-changed',
        machine: { state: 'unknown', counter: 1, verified: true },
      });
    },
  );

  it('another spelling of its address is the same one', () => {
    const before = standing('up', { endpoint: { address: '2001:DB8:0::1', port: 80 } });
    expect(reconcile(before, { ...DESIRED, endpoint: { address: '2001:db8::1', port: 80 } })).toEqual([]);
  });

  it.each<[BackendState, Desired['wanted']]>([
    ['paused', 'pause'],
    ['disabled', 'disable'],
  ])('another address of a backend that is %s keeps what the operator wants', (state, wanted) => {
    expect(shown(standing(state), { ...DESIRED, endpoint: { address: '10.0.0.2' }, wanted })).toEqual([
      `${state} > ${state} address-changed`,
    ]);
  });

  it('another check keeps the state until its first result', () => {
    const [step, ...rest] = reconcile(standing('up'), {
      ...DESIRED,
      checkDigest: 'other',
      counter: { ...RULES, fall: 5 },
    });
    expect(rest).toEqual([]);
    expect(step).toEqual({
      from: 'up',
      code: 'check-changed',
      machine: { state: 'up', counter: 6, verified: false },
    });
  });

  it('a check that asks the same more often or with more patience leaves no doubt', () => {
    const before = standing('up', { question: 'q' });
    const after = { ...DESIRED, checkDigest: 'other', question: 'q', counter: { ...RULES, fall: 5 } };
    expect(reconcile(before, after)[0]?.machine).toEqual({ state: 'up', counter: 6, verified: true });
    expect(reconcile(before, { ...after, question: 'r' })[0]?.machine.verified).toBe(false);
    const doubted = { ...before, machine: { ...before.machine, verified: false } };
    expect(reconcile(doubted, after)[0]?.machine.verified).toBe(false);
  });

  it('after a restart only the name of the check is known, and that is enough', () => {
    const { checkDigest: _unknown, ...restored } = standing('up');
    expect(reconcile(restored, DESIRED)).toEqual([]);
    expect(shown(restored, { ...DESIRED, healthcheck: 'other' })).toEqual(['up > up check-changed']);
  });

  it('a check that goes leaves a static backend, which is up', () => {
    expect(shown(standing('down'), STATIC)).toEqual(['down > down check-changed', 'down > up static']);
  });

  it('an intent that was journaled and not recorded yet is caught up with', () => {
    expect(shown(standing('up'), { ...DESIRED, wanted: 'disable' })).toEqual(['up > disabled disabled']);
    expect(shown(standing('disabled'), DESIRED)).toEqual(['disabled > unknown enabled']);
    expect(shown(standing('paused'), DESIRED)).toEqual(['paused > unknown resumed']);
  });

  it('a static backend that is enabled again is up at once', () => {
    const { healthcheck: _none, checkDigest: _neither, ...before } = standing('disabled');
    expect(shown(before, STATIC)).toEqual(['disabled > unknown enabled', 'unknown > up static']);
  });
});

describe('what is wanted', () => {
  it.each([
    [undefined, true, 'run'],
    [undefined, false, 'disable'],
    [{ intent: 'disable', configEnabled: true }, true, 'disable'],
    [{ intent: 'run', configEnabled: false }, false, 'run'],
    // the config changed its mind after the operator spoke
    [{ intent: 'disable', configEnabled: false }, true, 'run'],
    [{ intent: 'run', configEnabled: true }, false, 'disable'],
    [{ intent: 'pause', configEnabled: true }, false, 'disable'],
  ] as const)('%j with enabled: %s in the config is %s', (intent, enabled, wanted) => {
    expect(wantedOf(intent, enabled)).toBe(wanted);
  });
});
