import { expect, it } from '@jest/globals';
import type { FactOutcome } from '@signalbox/contracts';
import { failureOfAll } from './fact-outcomes.js';

const failed: FactOutcome = { eventId: 'f1', outcome: 'failed', reason: 'no address' };

it.each<[what: string, outcomes: FactOutcome[], facts: number, message: string | undefined]>([
  ['nothing was said', [], 1, undefined],
  ['one of two failed', [failed], 2, undefined],
  ['one failed and one was ignored', [failed, { eventId: 'f2', outcome: 'ignored' }], 2, undefined],
  ['the only one failed', [failed], 1, 'no address'],
  ['both failed', [failed, { eventId: 'f2', outcome: 'failed' }], 2, 'no address'],
  [
    'it failed without a reason',
    [{ eventId: 'f1', outcome: 'failed' }],
    1,
    'the plugin said without a reason that event f1 failed',
  ],
])('S20 a run has failed when every fact of it has: %s', (_what, outcomes, facts, message) => {
  expect(failureOfAll(outcomes, facts)).toEqual(message && { code: 'plugin-exit', message });
});
