import type { FieldError } from './errors.js';
import { describedKind, kindKey, schemaErrors } from './kinds/config/resource-schema.js';
import {
  isOfKind,
  type LookupOf,
  type ReferenceFieldError,
  type ResourceLookup,
  type SetRule,
} from './kinds/kind.js';
import { kindOf } from './kinds/registry.js';
import { SET_RULES } from './kinds/set-rules.js';
import { DEFAULT_PROJECT, keyOf, refKey, refOf, type Resource, type ResourceRef } from './resource.js';

/** What is wrong with one resource of a set; pointers start at that resource (`/spec/...`). */
export interface ResourceErrors {
  readonly ref: ResourceRef;
  readonly errors: readonly ReferenceFieldError[];
}

/** References of one valid resource that do not resolve or do not fit; pointers start at the resource. */
export function referenceErrors(resource: Resource, lookup: ResourceLookup): readonly ReferenceFieldError[] {
  return kindOf(resource.apiVersion, resource.kind)?.checkReferences?.(resource, lookup) ?? [];
}

/**
 * References of many valid resources; pointers start with the index in `changed` (`/0/spec/groupRef`).
 * Sees what the changed resources refer to, not who refers to them: see {@link checkSet}.
 */
export function checkReferences(changed: readonly Resource[], lookupOf: LookupOf): readonly FieldError[] {
  return changed.flatMap((resource, index) =>
    referenceErrors(resource, lookupOf(resource)).map(({ pointer, message }) => ({
      pointer: `/${index}${pointer}`,
      message,
    })),
  );
}

/**
 * Checks the references of every resource that was touched, and of every resource that refers to a touched one, so
 * that deleting an EventGroup in use is found as an error of its EventPeer. The touched are also checked beside the
 * others, see {@link SET_RULES}, and by the ResourceSchema of their kind; of one that was touched, all of its kind are.
 * `resources` is the whole set after the change by {@link refKey}; `touched` names what
 * was put or deleted; that something `doubtful` is missing is no error, because its own errors are told elsewhere.
 * One pass over the set. Errors in the order of the set.
 */
export function checkSet(
  resources: ReadonlyMap<string, Resource>,
  touched: readonly ResourceRef[],
  doubtful: ReadonlySet<string> = new Set(),
): readonly ResourceErrors[] {
  const touchedKeys = new Set(touched.map(refKey));
  const besideErrors = besideOthers(resources);
  const schemas = schemasIn(resources.values());
  const found: ResourceErrors[] = [];
  for (const [key, resource] of resources) {
    let concerned = touchedKeys.has(key);
    const lookup = lookupFor(resource, (target) => {
      concerned ||= touchedKeys.has(target);
      return resources.get(target);
    });
    const references = referenceErrors(resource, lookup);
    const schema = schemas.get(kindKey(resource));
    if (schema !== undefined) concerned ||= touchedKeys.has(keyOf(schema));
    if (!concerned) continue;
    const ofSchema = schema === undefined ? [] : schemaErrors(schema, resource);
    const wrong = [...withoutDoubtful(references, doubtful), ...ofSchema];
    const errors = [...wrong, ...besideErrors(resource, wrong.length > 0)];
    if (errors.length > 0) found.push({ ref: refOf(resource), errors });
  }
  return found;
}

/** The ResourceSchema of each kind that has one, by {@link kindKey}. */
function schemasIn(resources: Iterable<Resource>): ReadonlyMap<string, Resource> {
  const schemas = new Map<string, Resource>();
  for (const resource of resources) {
    const described = describedKind(resource);
    if (described !== undefined) schemas.set(described, resource);
  }
  return schemas;
}

/** Looks up what a resource refers to, in its project, by {@link refKey}. */
export function lookupFor(asking: Resource, find: (key: string) => Resource | undefined): ResourceLookup {
  const { project: own } = refOf(asking);
  const lookup: ResourceLookup = (apiVersion, kind, name) => {
    const servesAll = kindOf(apiVersion, kind)?.whyDefaultProject !== undefined;
    return find(refKey({ apiVersion, kind, project: servesAll ? DEFAULT_PROJECT : own, name }));
  };
  return Object.assign(lookup, { project: own });
}

/** Looks up what resources of a set refer to. */
export function lookupIn(resources: ReadonlyMap<string, Resource>): LookupOf {
  return (asking) => lookupFor(asking, (key) => resources.get(key));
}

/** The errors of references to what is not there, but for those to something that is there and wrong itself. */
export function withoutDoubtful(
  errors: readonly ReferenceFieldError[],
  doubtful: ReadonlySet<string>,
): readonly ReferenceFieldError[] {
  return errors.filter(({ missing }) => !missing || !doubtful.has(refKey(missing)));
}

/** What the set rules say about one resource; a rule looks at the set when it is first asked. */
function besideOthers(
  resources: ReadonlyMap<string, Resource>,
): (resource: Resource, refersWrongly: boolean) => readonly FieldError[] {
  const lookupOf = lookupIn(resources);
  const ready = new Map<SetRule, ReturnType<SetRule['over']>>();
  return (resource, refersWrongly) =>
    SET_RULES.filter(({ about }) => about.some((kind) => isOfKind(resource, kind))).flatMap((rule) => {
      if (refersWrongly && rule.needsReferences === true) return [];
      const check = ready.get(rule) ?? rule.over(resources.values(), lookupOf);
      ready.set(rule, check);
      return check(resource);
    });
}
