import { describe, expect, it } from '@jest/globals';
import { WEIGHT_RULES, type WeightReason } from '@signalbox/contracts';
import { decideFrontend, type FrontendView } from './frontend-view.js';
import { aFrontend, aMember, MINUTE, NOON, remembered, SECOND } from './given.fixture.js';

const up = aMember('nginx1');
const down = aMember('nginx1', { state: 'down' });
const fallback = aMember('nginx3');

function firstReason(view: FrontendView, before?: FrontendView): WeightReason | undefined {
  const memory = before && remembered([{ view: before, atMs: NOON - MINUTE }]);
  return decideFrontend(view, memory, NOON).targets[0]?.why;
}

/** A rule, its sentence, and how it comes about. */
interface Sentence {
  readonly rule: WeightReason['rule'];
  readonly text: string;
  readonly view: FrontendView;
  readonly before?: FrontendView;
}
const SENTENCES: readonly Sentence[] = [
  {
    rule: 'active',
    text: 'pool primary is active and nginx1 is up: configured weight 100',
    view: aFrontend([[up]]),
  },
  {
    rule: 'weight-zero',
    text: 'pool primary is active and nginx1 is up: configured weight 0',
    view: aFrontend([[{ ...up, weight: 0 }]]),
  },
  {
    rule: 'slow-start',
    text: 'pool primary is active and nginx1 is in slow start until 2026-05-30T12:00:50.000Z: 20 of configured weight 100',
    view: aFrontend([[{ ...up, sinceMs: NOON - 10 * SECOND }]], { slowStartMs: MINUTE }),
  },
  {
    rule: 'standby',
    text: 'pool fallback is active and nginx1 of pool primary is on standby: weight 0',
    view: aFrontend([[{ ...up, weight: 0 }], [fallback]], { poolActivation: 'up-weighted' }),
  },
  {
    rule: 'failback-wait',
    text: 'pool fallback stays active until 2026-05-30T12:05:00.000Z and nginx1 of pool primary waits to take over: weight 0',
    view: aFrontend([[{ ...up, sinceMs: NOON }], [fallback]], { failbackDelayMs: 5 * MINUTE }),
    before: aFrontend([[down], [fallback]]),
  },
  {
    rule: 'unknown',
    text: 'nginx1 of pool primary is unknown until a check has answered: weight 0',
    view: aFrontend([[{ ...up, state: 'unknown' }]]),
  },
  {
    rule: 'down',
    text: 'nginx1 of pool primary is down: weight 0, its flows are cut',
    view: aFrontend([[down]]),
  },
  {
    rule: 'down',
    text: 'nginx1 of pool primary is down: weight 0, its flows may end by themselves',
    view: aFrontend([[down]], { flushOnDown: false }),
  },
  {
    rule: 'paused',
    text: 'nginx1 of pool primary is paused: weight 0, its flows may end by themselves',
    view: aFrontend([[{ ...up, state: 'paused' }]]),
  },
  {
    rule: 'disabled',
    text: 'nginx1 of pool primary is disabled: weight 0, its flows are cut',
    view: aFrontend([[{ ...up, state: 'disabled' }]]),
  },
  {
    rule: 'keep-last',
    text: 'no backend of any pool is up and nginx1 of pool primary keeps the weight it had: 100',
    view: aFrontend([[{ ...down, weight: 20 }]], { allDown: 'keep-last' }),
    before: aFrontend([[up]]),
  },
  {
    rule: 'spread',
    text: 'no backend of any pool is up and nginx1 of pool primary gets traffic anyway: configured weight 20',
    view: aFrontend([[{ ...down, weight: 20 }]], { allDown: 'spread' }),
  },
  {
    rule: 'missing',
    text: 'nginx1 of pool primary is not in the configuration: weight 0',
    view: aFrontend([[{ ...up, state: 'missing' }]]),
  },
];

describe('reasonText', () => {
  it.each(SENTENCES)('$rule: $text', ({ rule, text, view, before }) => {
    expect(firstReason(view, before)).toMatchObject({ rule, text });
  });

  it('family-mismatch: names the family of the member', () => {
    const view = aFrontend([[up, aMember('nginx2', { address: '2001:db8::2' })]]);
    const text =
      'nginx2 of pool primary has an IPv6 address and the frontend serves the other family: weight 0';
    expect(decideFrontend(view, undefined, NOON).targets[1]?.why).toEqual({ rule: 'family-mismatch', text });
  });

  it('has a sentence for every rule', () => {
    const tested = new Set([...SENTENCES.map(({ rule }) => rule), 'family-mismatch']);
    expect([...tested].sort()).toEqual([...WEIGHT_RULES].sort());
  });

  it.each([
    [{ author: 'alice' }, 'weight 20 set by alice'],
    [{ author: 'alice', reason: 'canary' }, 'weight 20 set by alice (canary)'],
    [
      { author: 'alice', reason: 'canary', expiresAt: '2026-05-30T13:00:00Z' },
      'weight 20 set by alice (canary) until 2026-05-30T13:00:00Z',
    ],
  ])('names who set the weight: %j', (override, text) => {
    const reason = firstReason(aFrontend([[{ ...up, weight: 20, override }]]));
    expect(reason?.text).toBe(`pool primary is active and nginx1 is up: ${text}`);
  });
});
