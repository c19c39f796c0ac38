import { expect, it } from '@jest/globals';
import type { EventSubscriptionSpec } from './kinds/specs.js';
import { retryPolicyOf } from './retry-policy.js';

const SPEC: EventSubscriptionSpec = { groupRef: 'g', match: { types: ['t'] }, trigger: { pluginRef: 'p' } };

it('tries three times, from one second up to one minute, when a subscription says nothing', () => {
  expect(retryPolicyOf(SPEC)).toEqual({ maxAttempts: 3, backoffMs: 1000, maxBackoffMs: 60_000 });
  expect(retryPolicyOf({ ...SPEC, retry: {} })).toEqual(retryPolicyOf(SPEC));
});

it('follows the subscription where it says something', () => {
  expect(retryPolicyOf({ ...SPEC, retry: { maxAttempts: 5, backoff: '250ms' } })).toEqual({
    maxAttempts: 5,
    backoffMs: 250,
    maxBackoffMs: 60_000,
  });
});
