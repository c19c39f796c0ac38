import { expect, it } from '@jest/globals';
import { vipAlarms } from './vip-alarms.js';

it('tells who has no VIP, since when and why', () => {
  const wait = {
    at: '2026-11-30T08:00:00.000Z',
    code: 'vip-exhausted' as const,
    reason: 'VipPool/edge has no free address',
  };
  expect(vipAlarms(new Map([['VipClaim/lab/shop', wait]]))).toEqual([
    {
      kind: 'vip-missing',
      name: 'lab/shop',
      project: 'lab',
      reason: 'vip-exhausted',
      since: wait.at,
      text: 'VipClaim/lab/shop has no address: VipPool/edge has no free address',
    },
  ]);
  expect(vipAlarms(new Map())).toEqual([]);
});
