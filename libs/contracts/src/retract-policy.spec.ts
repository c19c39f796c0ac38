import { expect, it } from '@jest/globals';
import { retractPolicyOf } from './retract-policy.js';

it('a subscription retracts after five minutes unless it says otherwise, or not at all', () => {
  const types = ['host.gone'];
  expect([retractPolicyOf({}), retractPolicyOf({ retract: { types } })]).toEqual([
    undefined,
    { types, graceMs: 300_000 },
  ]);
  expect(retractPolicyOf({ retract: { types, grace: '0s' } })?.graceMs).toBe(0);
  expect(retractPolicyOf({ retract: { types, grace: '24h' } })?.graceMs).toBe(86_400_000);
});
