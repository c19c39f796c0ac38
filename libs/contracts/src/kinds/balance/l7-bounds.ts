import type { FieldError } from '../../errors.js';
import { refKey, refOf, type Resource } from '../../resource.js';
import { isOfKind, type SetRule } from '../kind.js';
import { specOf } from '../spec-of.js';
import { L7_POLICY } from './l7-policy.js';
import { L7_RULE } from './l7-rule.js';
import { L7_LIMITS, type L7PolicySpec, type L7RuleSpec } from './l7-specs.js';
import { LISTENER } from './listener.js';

/** Everything is asked for each request, so there is a most of it: of policies of a Listener, and of rules of either. */
export const L7_BOUNDS: SetRule = {
  about: [L7_POLICY, L7_RULE],
  over(resources, lookupOf) {
    const policies = new Map<string, number>();
    const rulesOfPolicy = new Map<string, number>();
    const rules = new Map<string, number>();
    const listenerOf = (resource: Resource): string | undefined => {
      if (isOfKind(resource, L7_POLICY))
        return keyIn(resource, LISTENER.kind, specOf<L7PolicySpec>(resource).listener);
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
  return keyIn(rule, L7_POLICY.kind, specOf<L7RuleSpec>(rule).policy);
}

/** Key of what a resource names in its own project. */
function keyIn(resource: Resource, kind: string, name: string): string {
  const { apiVersion, project } = refOf(resource);
  return refKey({ apiVersion, kind, project, name });
}

function count(counts: Map<string, number>, key: string | undefined): void {
  if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
}
