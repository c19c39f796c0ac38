import {
  BALANCE_API,
  CodedError,
  FRONTEND,
  isOfKind,
  type Kind,
  L7_POLICY,
  L7_RULE,
  type L7PolicySpec,
  type L7RuleSpec,
  LISTENER,
  type ListenerSpec,
  LOAD_BALANCER,
  POOL,
  POOL_MEMBER,
  type PoolMemberSpec,
  refKey,
  refOf,
  type Resource,
  type ResourceRef,
  refText,
  specOf,
} from '@signalbox/contracts';
import { checkPlan } from './check-plan.js';
import { planRemoval, type Standing } from './plan-changeset.js';

/** How many resources a refusal names before it counts the rest. */
const NAMED = 5;

/**
 * What goes when something goes with all that only serves it, itself first: of a LoadBalancer its Listeners; of Listeners the
 * Pools that no other Listener or policy names; of Listeners their L7Policies, of these their L7Rules and Pools; of Pools and Frontends their PoolMembers. Backends
 * and Certificates stay, because they are
 * checked and may serve elsewhere. Of any other kind it is the resource alone. spec/balance "Resources".
 */
export function cascadeOf(standing: Standing, ref: ResourceRef): readonly ResourceRef[] {
  const others = [...standing.values()]
    .map(({ resource }) => resource)
    .filter((resource) => resource.apiVersion === BALANCE_API && refOf(resource).project === ref.project);
  const isRoot = (kind: Kind): boolean => ref.apiVersion === kind.apiVersion && ref.kind === kind.kind;
  const isItself = (resource: Resource): boolean => refKey(refOf(resource)) === refKey(ref);

  const listeners = ofKind(others, LISTENER);
  const leaving = listeners.filter(
    (listener) =>
      isItself(listener) ||
      (isRoot(LOAD_BALANCER) && specOf<ListenerSpec>(listener).loadBalancer === ref.name),
  );
  const listenerNames = new Set(leaving.map(({ metadata }) => metadata.name));
  const allPolicies = ofKind(others, L7_POLICY);
  const policies = allPolicies.filter(
    (policy) => isItself(policy) || listenerNames.has(specOf<L7PolicySpec>(policy).listener),
  );
  const policyNames = new Set(policies.map(({ metadata }) => metadata.name));
  const rules = ofKind(others, L7_RULE).filter((rule) => policyNames.has(specOf<L7RuleSpec>(rule).policy));
  const staying = poolsOf(
    listeners.filter((listener) => !leaving.includes(listener)),
    allPolicies.filter((policy) => !policies.includes(policy)),
  );
  const unused = new Set([...poolsOf(leaving, policies)].filter((pool) => !staying.has(pool)));
  const pools = ofKind(others, POOL).filter((pool) => isItself(pool) || unused.has(pool.metadata.name));
  const poolNames = new Set(pools.map(({ metadata }) => metadata.name));
  const members = ofKind(others, POOL_MEMBER).filter((member) => {
    const { frontendRef, poolRef } = specOf<PoolMemberSpec>(member);
    return poolRef === undefined ? isRoot(FRONTEND) && frontendRef === ref.name : poolNames.has(poolRef);
  });
  const behind = [...leaving, ...policies, ...rules, ...pools, ...members].filter(
    (resource) => !isItself(resource),
  );
  return [ref, ...behind.map(refOf)];
}

/** Why a resource was not deleted, with what a cascade would do when that would be right. */
export function withCascade(error: unknown, standing: Standing, ref: ResourceRef): unknown {
  if (!(error instanceof CodedError) || error.code !== 'reference-missing') return error;
  const [, ...behind] = cascadeOf(standing, ref);
  if (behind.length === 0 || !isPossible(standing, [ref, ...behind])) return error;
  const named = behind.slice(0, NAMED).map(refText).join(', ');
  const more = behind.length > NAMED ? ` and ${behind.length - NAMED} more` : '';
  const message = `${error.message}; with cascade (cascade=true, --cascade) ${named}${more} would go as well`;
  return new CodedError(error.code, message, error.errors, { cause: error });
}

function isPossible(standing: Standing, refs: readonly ResourceRef[]): boolean {
  try {
    checkPlan(standing, planRemoval(standing, ...refs));
    return true;
  } catch (error) {
    if (error instanceof CodedError) return false;
    throw error;
  }
}

function ofKind(resources: readonly Resource[], kind: Kind): readonly Resource[] {
  return resources.filter((resource) => isOfKind(resource, kind));
}

function poolsOf(listeners: readonly Resource[], policies: readonly Resource[]): ReadonlySet<string> {
  return new Set([
    ...listeners.flatMap((listener) => specOf<ListenerSpec>(listener).pools),
    ...policies.flatMap((policy) => specOf<L7PolicySpec>(policy).redirectPool ?? []),
  ]);
}
