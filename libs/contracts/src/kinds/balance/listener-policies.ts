import type { NodePolicy, NodeRule, PolicyAction } from '../../node-state/node-policy.js';
import { DEFAULT_PROJECT, type Resource, scopedName } from '../../resource.js';
import { specOf } from '../spec-of.js';
import { DEFAULT_REDIRECT_CODE, type L7PolicySpec, type L7RuleSpec } from './l7-specs.js';

/** An L7Policy of a listener with its L7Rules, in any order. */
export interface PolicyParts {
  readonly resource: Resource;
  readonly rules: readonly Resource[];
  /** The Pool that it sends requests to; absent: it names none, or one that is not there. */
  readonly pool?: Resource;
}

/**
 * What is asked of each request, in this order, until something matches: rejects, then redirects that clients are told of, then
 * other pools, as in the tenant-API anchor; of each by position, and by name where that is the same. A policy that is not enabled, or has no rule that is, matches nothing and
 * is left out.
 */
export function listenerPolicies(parts: readonly PolicyParts[]): readonly NodePolicy[] {
  return parts
    .map((one) => ({ ...one, spec: specOf<L7PolicySpec>(one.resource), rules: rulesOf(one.rules) }))
    .filter(({ spec, rules }) => (spec.enabled ?? true) && rules.length > 0)
    .sort(
      (a, b) =>
        rank(a.spec) - rank(b.spec) ||
        a.spec.position - b.spec.position ||
        (a.resource.metadata.name < b.resource.metadata.name ? -1 : 1),
    )
    .map(({ resource, spec, rules }) => {
      const { project = DEFAULT_PROJECT, name } = resource.metadata;
      return { name: scopedName(project, name), ...actionOf(spec), rules };
    });
}

function rank({ action }: L7PolicySpec): number {
  if (action === 'reject') return 0;
  return action === 'redirect-to-pool' ? 2 : 1;
}

function actionOf({
  action,
  url = '',
  prefix = '',
  redirectPool = '',
  code = DEFAULT_REDIRECT_CODE,
}: L7PolicySpec): PolicyAction {
  switch (action) {
    case 'reject':
      return { action };
    case 'redirect-to-url':
      return { action, url, code };
    case 'redirect-prefix':
      return { action, prefix, code };
    case 'redirect-to-pool':
      return { action, pool: redirectPool };
  }
}

/** By name, so that the same rules are the same state. */
function rulesOf(rules: readonly Resource[]): NodeRule[] {
  return [...rules]
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .map((rule) => specOf<L7RuleSpec>(rule))
    .filter(({ enabled = true }) => enabled)
    .map(({ type, key, compare, value, invert }) => ({
      type,
      ...(key !== undefined && { key }),
      compare,
      value,
      ...(invert === true && { invert }),
    }));
}
