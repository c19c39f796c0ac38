import {
  type L7PolicySpec,
  type L7RuleSpec,
  type PolicyParts,
  refOf,
  type Resource,
  type ResourceRef,
  scopedName,
  scopedNameOf,
  specOf,
} from '@signalbox/contracts';
import { Children } from './children.js';
import type { Find } from './listener-parts.js';

/** L7Policies by their Listener, and L7Rules by their policy. All names are scoped names. */
export class ListenerPolicies {
  private readonly policies = new Children(listenerOf);
  private readonly rules = new Children(policyOf);

  /** One of either came or changed; without `resource` it left. Returns the listeners that it touches. */
  put(
    { kind, project, name }: Pick<ResourceRef, 'kind' | 'project' | 'name'>,
    resource: Resource | undefined,
  ): Set<string> {
    const own = scopedName(project, name);
    if (kind === 'L7Policy') return this.policies.put(own, resource);
    const touched = this.rules.put(own, resource);
    return new Set([...touched].flatMap((policy) => this.policies.parent(policy) ?? []));
  }

  /** Those of a listener, with their rules and the pools that they send requests to. */
  of(listener: string, find: Find): PolicyParts[] {
    return [...this.policies.of(listener)].map((resource) => {
      const name = poolOf(resource);
      const pool = name === undefined ? undefined : find('Pool', name);
      return { resource, rules: [...this.rules.of(scopedNameOf(resource))], ...(pool && { pool }) };
    });
  }

  /** Scoped names of the pools that policies of a listener name, whether these are there or not. */
  poolsOf(listener: string): string[] {
    return [...this.policies.of(listener)].flatMap((policy) => poolOf(policy) ?? []);
  }
}

function listenerOf(policy: Resource): string {
  return scopedName(refOf(policy).project, specOf<L7PolicySpec>(policy).listener);
}

function poolOf(policy: Resource): string | undefined {
  const { redirectPool } = specOf<L7PolicySpec>(policy);
  return redirectPool === undefined ? undefined : scopedName(refOf(policy).project, redirectPool);
}

function policyOf(rule: Resource): string {
  return scopedName(refOf(rule).project, specOf<L7RuleSpec>(rule).policy);
}
