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

  /** Listeners that one of either touches, and would touch if it became `resource`; without, if it left. */
  touchedBy(
    { kind, project, name }: Pick<ResourceRef, 'kind' | 'project' | 'name'>,
    resource: Resource | undefined,
  ): Set<string> {
    const own = scopedName(project, name);
    if (kind === 'L7Policy') return this.policies.touchedBy(own, resource);
    return this.listenersOf(this.rules.touchedBy(own, resource));
  }

  /** One of either came or changed; without `resource` it left. Returns the listeners that it touches. */
  put(
    { kind, project, name }: Pick<ResourceRef, 'kind' | 'project' | 'name'>,
    resource: Resource | undefined,
  ): Set<string> {
    const own = scopedName(project, name);
    if (kind === 'L7Policy') return this.policies.put(own, resource);
    return this.listenersOf(this.rules.put(own, resource));
  }

  /** Those of a listener, with their rules and the pools that they send requests to. */
  of(listener: string, find: Find): PolicyParts[] {
    return partsOf(this.policies.of(listener), (policy) => this.rules.of(policy), find);
  }

  /** Those of each listener as they would be after changes of policies and rules, see {@link Children.after}. */
  after(
    policies: ReadonlyMap<string, Resource | undefined>,
    rules: ReadonlyMap<string, Resource | undefined>,
  ): (listener: string, find: Find) => PolicyParts[] {
    const policiesOf = this.policies.after(policies);
    const rulesOf = this.rules.after(rules);
    return (listener, find) => partsOf(policiesOf(listener), rulesOf, find);
  }

  /** Scoped names of the pools that policies of a listener name, whether these are there or not. */
  poolsOf(listener: string): string[] {
    return [...this.policies.of(listener)].flatMap((policy) => poolOf(policy) ?? []);
  }

  private listenersOf(policies: Iterable<string>): Set<string> {
    return new Set([...policies].flatMap((policy) => this.policies.parent(policy) ?? []));
  }
}

function partsOf(
  policies: Iterable<Resource>,
  rulesOf: (policy: string) => Iterable<Resource>,
  find: Find,
): PolicyParts[] {
  return [...policies].map((resource) => {
    const name = poolOf(resource);
    const pool = name === undefined ? undefined : find('Pool', name);
    return { resource, rules: [...rulesOf(scopedNameOf(resource))], ...(pool && { pool }) };
  });
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
