import { expect, it } from '@jest/globals';
import { aMatch, aRule, NOON } from './given.fixture.js';
import { aPlanner, match } from './planner-given.fixture.js';
import { WaitingRules } from './waiting-rules.js';

it('X16 a subscription without its plugin is an alarm that counts what waits, until the plugin is declared', () => {
  const rule = aRule({ pluginExists: false });
  const planner = aPlanner(rule);
  const waiting = new WaitingRules();
  waiting.follow([rule, aRule({ subscription: 'other' })], NOON);
  const told = (): unknown => waiting.alarms((subscription) => planner.waitingFor(subscription));
  const alarm = { kind: 'plugin-missing', name: 'claims', reason: 'plugin-missing' };
  expect(told()).toMatchObject([
    { ...alarm, text: expect.stringMatching(/Plugin\/to-claim, .* 0 facts wait$/) },
  ]);
  match(planner, aMatch(1, 'x'));
  match(planner, aMatch(2, 'y'));
  match(planner, aMatch(3, 'y'));
  waiting.follow([rule], NOON + 5000);
  const since = new Date(NOON).toISOString();
  expect(told()).toMatchObject([{ ...alarm, since, text: expect.stringContaining('2 facts wait') }]);
  waiting.follow([aRule()], NOON);
  expect(told()).toEqual([]);
});

it('X16 S11 a subscription that is suspended, or its plugin, says so, since when it is', () => {
  const waiting = new WaitingRules();
  waiting.follow([aRule({ pluginExists: false })], NOON);
  waiting.follow([aRule({ suspended: 'plugin' })], NOON + 5000);
  expect(waiting.alarms(() => 1)).toMatchObject([
    {
      kind: 'plugin-suspended',
      reason: 'plugin-suspended',
      since: new Date(NOON + 5000).toISOString(),
      text: 'subscription claims waits for Plugin/to-claim, which is suspended: take spec.suspend away to go on; 1 fact waits',
    },
  ]);
  waiting.follow([aRule({ suspended: 'subscription', pluginExists: false })], NOON + 6000);
  expect(waiting.alarms(() => 2)).toMatchObject([
    {
      kind: 'subscription-suspended',
      reason: 'subscription-suspended',
      since: new Date(NOON + 6000).toISOString(),
      text: 'EventSubscription/claims is suspended: take spec.suspend away to go on; 2 facts wait',
    },
  ]);
});
