import { DEFAULT_PROJECT, readScopedName, refKey, type Resource } from '../../resource.js';
import { compileSchema } from '../../schema/compile.js';
import { listOf, NON_BLANK, oneOf, type Schema, shape, text } from '../../schema/shape.js';
import { BACKEND_SOURCE } from '../balance/backend-source.js';
import { EVENT_SUBSCRIPTION } from '../event-subscription.js';
import { isOfKind, type Kind } from '../kind.js';
import { PLUGIN } from '../plugin.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { CONFIG_API } from '../specs.js';
import { type MaskTarget, maskTargetRef } from './mask-target.js';

/** What parts of some source may do to some operator resources. */
export interface OverrideRule {
  /** The source of one part, or an owner, which stands for all parts of it. */
  readonly source: string;
  /** What it may do: `mask`, to take a resource out of the effective config while its part lives. */
  readonly operations: readonly 'mask'[];
  /** Exactly these resources. */
  readonly targets: readonly MaskTarget[];
}

/** Reference 2.7. */
export interface DynamicOverridePolicySpec {
  /** Whatever no rule allows is denied. */
  readonly allow: readonly OverrideRule[];
}

/** Bounds of a policy; several policies add up. */
export const POLICY_LIMITS = { rules: 256, targets: 1024 } as const;

/** Shape of a target in a policy. Reference 7.1. */
const MASK_TARGET = shape<MaskTarget>(
  { apiVersion: text('api-version'), kind: text('kind'), name: text('resource-ref') },
  { project: text('project') },
);

/**
 * Which parts may mask which operator resources: masks are denied unless a rule of any policy names the source or the owner of
 * the part, and exactly the target. Reference 2.7, spec/plugins-and-config "Effective config", ADR 0031.
 * An owner that is named must be declared; a target need not be.
 */
export const DYNAMIC_OVERRIDE_POLICY: Kind = {
  apiVersion: CONFIG_API,
  kind: 'DynamicOverridePolicy',
  schema: shape<DynamicOverridePolicySpec>({
    allow: listOf(
      shape<OverrideRule>({
        source: NON_BLANK,
        operations: listOf(oneOf(['mask']), { minItems: 1, maxItems: 1 }),
        targets: listOf(MASK_TARGET, { minItems: 1, maxItems: POLICY_LIMITS.targets }),
      }),
      { maxItems: POLICY_LIMITS.rules },
    ),
  }),
  isOfPeople: true,
  checkReferences(resource, lookup) {
    return allowOf(resource).flatMap(({ source }, at) => {
      const { kind, name } = ownerIn(source);
      return kind ? checkReference(`/spec/allow/${at}/source`, kind, name, lookup) : [];
    });
  },
  withoutEffect(resource) {
    return allowOf(resource).flatMap(({ source }, at) => {
      if (ownersOfParts.some(({ kind }) => source.startsWith(`${kind}/`))) return [];
      const owners = ownersOfParts.map(({ kind }) => `${kind}/<name>`).join(', ');
      const message = `allows nothing: every part belongs to ${owners}`;
      return [{ pointer: `/spec/allow/${at}/source`, message }];
    });
  },
};

/** Keys ({@link refKey}) of all that a resource allows to be masked, when it is a policy. */
export function overridableKeys(resource: Resource): Iterable<string> {
  return isOfKind(resource, DYNAMIC_OVERRIDE_POLICY) ? sourcesOf(resource).keys() : [];
}

/** Whether a policy allows a part to mask what a key names. */
export function allowsMask(
  policy: Resource,
  { source, owner }: { readonly source: string; readonly owner: string },
  key: string,
): boolean {
  const sources = sourcesOf(policy).get(key);
  return sources !== undefined && (sources.has(source) || sources.has(owner));
}

const ownersOfParts = [EVENT_SUBSCRIPTION, PLUGIN, BACKEND_SOURCE];

/** By target, who may mask it. Policies never change: an apply brings another one. */
const SOURCES = new WeakMap<Resource, ReadonlyMap<string, ReadonlySet<string>>>();

function sourcesOf(policy: Resource): ReadonlyMap<string, ReadonlySet<string>> {
  const known = SOURCES.get(policy);
  if (known) return known;
  const sources = new Map<string, Set<string>>();
  for (const { source, targets } of allowOf(policy)) {
    for (const target of targets) {
      const key = refKey(maskTargetRef(target));
      const ofTarget = sources.get(key);
      if (ofTarget) ofTarget.add(source);
      else sources.set(key, new Set([source]));
    }
  }
  SOURCES.set(policy, sources);
  return sources;
}

/** An earlier version kept a policy whatever it said: one that is not valid allows nothing. */
function allowOf(policy: Resource): readonly OverrideRule[] {
  return checkSpec(policy.spec).length === 0 ? specOf<DynamicOverridePolicySpec>(policy).allow : [];
}

const checkSpec = compileSchema(DYNAMIC_OVERRIDE_POLICY.schema as Schema, 'first');

/** The declared owner that a source names in the project `default`; of owners elsewhere nothing is known here. */
function ownerIn(source: string): { readonly kind?: Kind; readonly name?: string } {
  const kind = ownersOfParts.find((one) => source.startsWith(`${one.kind}/`));
  if (!kind) return {};
  const rest = source.slice(kind.kind.length + 1);
  const owner = rest.replace(/\/[0-9a-f]{16}$/, '');
  if (kind !== BACKEND_SOURCE) return { kind, name: owner };
  const { project, name } = readScopedName(rest);
  return project === DEFAULT_PROJECT ? { kind, name } : {};
}
