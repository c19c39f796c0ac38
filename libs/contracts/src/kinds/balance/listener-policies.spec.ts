import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from '../../resource.js';
import { sample } from '../sample-resources.fixture.js';
import { listenerPolicies, type PolicyParts } from './listener-policies.js';

const BARE = {
  ...{ description: null, url: null, prefix: null, redirectPool: null, code: null, enabled: null },
};

const policy = (name: string, spec: Record<string, unknown>, ...rules: readonly Resource[]): PolicyParts => ({
  resource: sample('L7Policy', { metadata: { name }, spec: { ...BARE, ...spec } }),
  rules,
});
const rule = (name: string, spec: Record<string, unknown> = {}): Resource =>
  sample('L7Rule', { metadata: { name }, spec });
const [REJECT, URL_, PREFIX] = [
  { action: 'reject' },
  { action: 'redirect-to-url', url: 'https://a.example' },
  { action: 'redirect-prefix', prefix: 'https://b.example', code: 308 },
] as const;
const TO_POOL = { action: 'redirect-to-pool', redirectPool: 'api' } as const;
const ANY = rule('any');
const namesOf = (parts: readonly PolicyParts[]): string[] => listenerPolicies(parts).map(({ name }) => name);

describe('the policies of a listener', () => {
  it('are asked rejects first, then redirects, then other pools, each by position and then by name', () => {
    const parts = [
      policy('g', { ...TO_POOL, position: 1 }, ANY),
      policy('f', { ...TO_POOL, position: 1 }, ANY),
      policy('c', { ...URL_, position: 1 }, ANY),
      policy('b', { ...PREFIX, position: 1 }, ANY),
      policy('d', { ...REJECT, position: 9 }, ANY),
      policy('a', { ...URL_, position: 2 }, ANY),
      policy('e', { ...REJECT, position: 3 }, ANY),
    ];
    expect(namesOf(parts)).toEqual(['e', 'd', 'b', 'c', 'a', 'f', 'g']);
    fc.assert(
      fc.property(fc.shuffledSubarray(parts, { minLength: parts.length }), (shuffled) => {
        expect(listenerPolicies(shuffled)).toEqual(listenerPolicies(parts));
      }),
    );
  });

  it('have what their action needs, and their rules by name', () => {
    const rules = [rule('r2', { compare: 'contains', value: 'b', invert: true }), rule('r1', { value: 'a' })];
    expect(
      listenerPolicies([
        policy('u', URL_, ...rules),
        policy('p', PREFIX, ANY),
        policy('x', REJECT, ANY),
        policy('o', TO_POOL, ANY),
      ]),
    ).toEqual([
      { name: 'x', action: 'reject', rules: [expect.anything()] },
      { name: 'p', ...PREFIX, rules: [expect.anything()] },
      {
        ...{ name: 'u', ...URL_, code: 302 },
        rules: [
          { type: 'header', key: 'user-agent', compare: 'regex', value: 'a' },
          { type: 'header', key: 'user-agent', compare: 'contains', value: 'b', invert: true },
        ],
      },
      { name: 'o', action: 'redirect-to-pool', pool: 'api', rules: [expect.anything()] },
    ]);
  });

  it('are those alone that are enabled and have a rule that is', () => {
    expect(
      namesOf([
        policy('off', { ...REJECT, enabled: false }, ANY),
        policy('bare', REJECT),
        policy('dim', REJECT, rule('r', { enabled: false })),
        policy('on', { ...REJECT, enabled: true }, rule('r', { enabled: false }), ANY),
      ]),
    ).toEqual(['on']);
  });
});
