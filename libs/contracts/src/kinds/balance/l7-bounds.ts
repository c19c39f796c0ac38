import type { FieldError } from '../../errors.js';
import { keyOf, type Resource } from '../../resource.js';
import { isOfKind, type SetRule } from '../kind.js';
import { namedKey } from '../named-key.js';
import { specOf } from '../spec-of.js';
import { L7_POLICY } from './l7-policy.js';
import { L7_RULE } from './l7-rule.js';
import { L7_LIMITS, type L7PolicySpec, type L7RuleSpec } from './l7-specs.js';
import { LISTENER } from './listener.js';

/** Everything is asked for each request, so there is a most of it: of policies of a Listener, and of rules of either. */
export const L7_BOUNDS: SetRule = {
  about: [L7_POLICY, L7_RULE],
  places(resource) {
    if (isOfKind(resource, L7_POLICY)) return [policyPlace(listenerKey(resource))];
    return isOfKind(resource, L7_RULE) ? [rulePlace(policyOf(resource))] : [];
  },
  *near(resource, { at, lookupOf }) {
    const policy = isOfKind(resource, L7_POLICY)
      ? resource
      : lookupOf(resource)(L7_POLICY.apiVersion, L7_POLICY.kind, specOf<L7RuleSpec>(resource).policy);
    if (!policy) return yield* at(rulePlace(policyOf(resource)));
    const policies = at(policyPlace(listenerKey(policy)));
    if (policy === resource) return yield* policies;
    for (const one of policies) yield* at(rulePlace(keyOf(one)));
  },
  over(resources, lookupOf) {
    const policies = new Map<string, number>();
    const rulesOfPolicy = new Map<string, number>();
    const rules = new Map<string, number>();
    const listenerOf = (resource: Resource): string | undefined => {
      if (isOfKind(resource, L7_POLICY)) return listenerKey(resource);
      const { policy } = specOf<L7RuleSpec>(resource);
      const found = lookupOf(resource)(L7_POLICY.apiVersion, L7_POLICY.kind, policy);
      return found && listenerOf(found);
    };
    for (const resource of resources) {
      if (isOfKind(resource, L7_POLICY)) count(policies, listenerOf(resource));
      if (!isOfKind(resource, L7_RULE)) continue;
      count(rulesOfPolicy, policyOf(resource));
      count(rules, listenerOf(resource));
    }
    return (resource) => {
      const listener = listenerOf(resource) ?? '';
      if (isOfKind(resource, L7_POLICY))
        return errorsOf('/spec/listener', [
          [policies.get(listener), L7_LIMITS.policies, 'policies of its Listener'],
        ]);
      return errorsOf('/spec/policy', [
        [rulesOfPolicy.get(policyOf(resource)), L7_LIMITS.rulesOfPolicy, 'rules of its policy'],
        [rules.get(listener), L7_LIMITS.rules, 'rules of its Listener'],
      ]);
    };
  },
};

function errorsOf(
  pointer: string,
  counts: readonly (readonly [found: number | undefined, most: number, what: string])[],
): readonly FieldError[] {
  return counts
    .filter(([found = 0, most]) => found > most)
    .map(([found, most, what]) => ({
      pointer,
      message: `is one of ${found} ${what}: at most ${most} may be`,
    }));
}

function policyOf(rule: Resource): string {
  return namedKey(rule, L7_POLICY, specOf<L7RuleSpec>(rule).policy);
}

function listenerKey(policy: Resource): string {
  return namedKey(policy, LISTENER, specOf<L7PolicySpec>(policy).listener);
}

function policyPlace(listener: string): string {
  return `policy of ${listener}`;
}

function rulePlace(policy: string): string {
  return `rule of ${policy}`;
}

function count(counts: Map<string, number>, key: string | undefined): void {
  if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
}
