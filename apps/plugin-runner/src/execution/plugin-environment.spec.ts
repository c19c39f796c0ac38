import { expect, test } from '@jest/globals';
import { pluginEnvironment } from './plugin-environment.js';

test('PATH and the declared variables, nothing else, sorted', () => {
  const environment = pluginEnvironment({ ZONE: 'a', CLAIM_TTL: '5m' }, '/bin');
  expect(Object.entries(environment)).toEqual([
    ['CLAIM_TTL', '5m'],
    ['PATH', '/bin'],
    ['ZONE', 'a'],
  ]);
});

test('blank keys and keys with = are dropped', () => {
  expect(pluginEnvironment({ '': 'x', ' ': 'x', 'A=B': 'x', C: '' }, '/bin')).toEqual({
    C: '',
    PATH: '/bin',
  });
});

test('a declared PATH wins', () => {
  expect(pluginEnvironment({ PATH: '/opt/bin' }, '/bin')).toEqual({ PATH: '/opt/bin' });
});
