import { describe, expect, it } from '@jest/globals';
import { type ErrorCode, ERRORS } from '@signalbox/contracts';
import { aMatch, aRule } from './given.fixture.js';
import type { Rule } from './rule.js';
import { type EndedRun, runAgain } from './run-again.js';
import { orderOf } from './run-order.js';

const rule = aRule();
const failed: EndedRun = { order: orderOf(rule, aMatch(1)), state: 'failed', overtaken: [] };

describe('runAgain', () => {
  it('S18 gives a further attempt of the same run', () => {
    expect(runAgain(failed, rule, false)).toEqual({ ...failed.order, attempt: 2 });
  });

  it('S18 gives one under a changed rule that is for new facts only', () => {
    expect(runAgain(failed, aRule({ revision: 4, onChange: 'ignore' }), false)).toEqual({
      ...failed.order,
      attempt: 2,
    });
    const moved = aRule({ revision: 4, onChange: 'ignore', group: 'other' });
    expect(() => runAgain(failed, moved, false)).toThrow(expect.objectContaining({ code: 'rule-changed' }));
  });

  it.each<[what: string, run: Partial<EndedRun>, rule: Rule | undefined, isBusy: boolean, code: ErrorCode]>([
    ['it succeeded', { state: 'succeeded' }, rule, false, 'wrong-state'],
    ['it is in work', { state: 'running' }, rule, false, 'wrong-state'],
    ['its lineage is busy', {}, rule, true, 'wrong-state'],
    ['a later fact came', { overtaken: ['f1'] }, rule, false, 'superseded'],
    ['its rule changed', {}, aRule({ revision: 4 }), false, 'rule-changed'],
    ['its subscription went', {}, undefined, false, 'subscription-gone'],
    ['its subscription is suspended', {}, aRule({ suspended: 'subscription' }), false, 'wrong-state'],
    ['its plugin is suspended', {}, aRule({ suspended: 'plugin' }), false, 'wrong-state'],
    ['its plugin went', {}, aRule({ pluginExists: false }), false, 'plugin-missing'],
  ])('S18 refuses when %s', (_what, change, inForce, isBusy, code) => {
    expect(ERRORS).toHaveProperty(code);
    expect(() => runAgain({ ...failed, ...change }, inForce, isBusy)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
