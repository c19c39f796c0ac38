import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lookupIn } from '../references.js';
import { keyOf, type Resource } from '../resource.js';
import { resourcesThatMeet } from './set-rules.fixture.js';
import { isOfKind, type ReferenceFieldError, type SetRule, type Surroundings } from './kind.js';
import { L7_BOUNDS } from './balance/l7-bounds.js';
import { L7_LIMITS } from './balance/l7-specs.js';
import { kindOf } from './registry.js';
import { sample } from './sample-resources.fixture.js';
import { SET_RULES } from './set-rules.js';

type Known = ReadonlyMap<string, Resource>;

/** A part brings the one that is about to be asked: nobody declared it. */
function surroundingsOf(set: Known, rule: SetRule, own: Resource): Surroundings {
  const { places } = rule;
  const at = (place: string): Resource[] => [...set.values()].filter((one) => places(one).includes(place));
  const firstDeclaredAt = (place: string): Resource | undefined =>
    at(place)
      .filter((one) => keyOf(one) !== keyOf(own))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))[0];
  return { lookupOf: lookupIn(set), at, firstDeclaredAt };
}

function asked(rule: SetRule, resource: Resource, set: Known): boolean {
  if (!rule.about.some((kind) => isOfKind(resource, kind))) return false;
  return rule.needsReferences !== true || hasItsReferences(resource, set);
}

function hasItsReferences(resource: Resource, set: Known): boolean {
  const check = kindOf(resource.apiVersion, resource.kind)?.checkReferences;
  return (check?.(resource, lookupIn(set)(resource)) ?? []).length === 0;
}

function overAll(rule: SetRule, resource: Resource, set: Known): readonly ReferenceFieldError[] {
  return rule.over(set.values(), lookupIn(set))(resource);
}

function overNear(rule: SetRule, resource: Resource, set: Known): readonly ReferenceFieldError[] {
  const near = [resource, ...rule.near(resource, surroundingsOf(set, rule, resource))];
  const seen = new Map(near.map((one) => [keyOf(one), one]));
  return rule.over(
    [...set.values()].filter((one) => seen.has(keyOf(one))),
    lookupIn(set),
  )(resource);
}

describe('what is near a resource', () => {
  it('tells whether it breaks a rule among others that break none', () => {
    const told = new Set<SetRule>();
    const lists = fc.array(resourcesThatMeet, { minLength: 8, maxLength: 40 });
    fc.assert(
      fc.property(lists, fc.boolean(), (resources, takesDangling) => {
        const set = new Map<string, Resource>();
        for (const resource of resources) {
          const before = set.get(keyOf(resource));
          set.set(keyOf(resource), resource);
          // what people declared refers to what is there, so that is what stands around a part; what does not breaks more rules
          const isWhole = [...set.values()].every((one) => hasItsReferences(one, set));
          let isRight = isWhole || takesDangling;
          for (const rule of SET_RULES) {
            for (const one of set.values()) {
              if (!asked(rule, one, set)) continue;
              const errors = overAll(rule, one, set);
              if (errors.length === 0) continue;
              isRight = false;
              told.add(rule);
            }
            if (!isWhole || !asked(rule, resource, set)) continue;
            const wrong = overAll(rule, resource, set).length > 0;
            expect([keyOf(resource), overNear(rule, resource, set).length > 0]).toEqual([
              keyOf(resource),
              wrong,
            ]);
          }
          if (isRight) continue;
          if (before) set.set(keyOf(resource), before);
          else set.delete(keyOf(resource));
        }
      }),
      { numRuns: 1500 },
    );
    // a generator that breaks too little would show nothing; what is only broken by a hundred has a test of its own
    expect(SET_RULES.filter((rule) => !told.has(rule))).toEqual([L7_BOUNDS]);
  });

  it('tells how many policies and rules there are', () => {
    const { policies, rulesOfPolicy } = L7_LIMITS;
    const policy = (n: number): Resource => sample('L7Policy', { metadata: { name: `p${n}` } });
    const rule = (n: number): Resource =>
      sample('L7Rule', { metadata: { name: `r${n}` }, spec: { policy: 'p0' } });
    const set = new Map(
      [
        ...Array.from({ length: policies + 1 }, (_, n) => policy(n)),
        ...Array.from({ length: rulesOfPolicy + 1 }, (_, n) => rule(n)),
      ].map((resource) => [keyOf(resource), resource]),
    );
    for (const resource of [policy(3), rule(3)]) {
      const errors = overAll(L7_BOUNDS, resource, set);
      expect(errors).toHaveLength(1);
      expect(overNear(L7_BOUNDS, resource, set)).toEqual(errors);
    }
  });
});
