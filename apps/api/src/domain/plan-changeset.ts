import {
  CodedError,
  type FieldError,
  keyOf,
  refKey,
  refOf,
  refText,
  type Resource,
  type ResourceChange,
  type ResourceRef,
} from '@signalbox/contracts';
import { diffFields, type FieldChange } from './field-diff.js';

/** A resource as it stands, with the revision that put it and the set that owns it. */
export interface StandingResource {
  readonly resource: Resource;
  readonly revision: number;
  readonly set?: string;
}

/** One resource of the request and where it stands there (JSON Pointer). */
export interface GivenResource {
  readonly resource: Resource;
  readonly pointer: string;
  /** Where something inside it stands, when that is not right below: JSON Pointer into the resource → into the request. */
  readonly pointerTo?: (inside: string) => string;
}

/** One document of the request; a `Router` bundle owns the set `Router/<name>`, even when it is empty. */
export interface GivenDocument {
  readonly set?: string;
  readonly resources: readonly GivenResource[];
  /** What the document says beside its resources that has no effect. */
  readonly withoutEffect?: readonly FieldError[];
}

/** What an apply does to one resource. `fields` only for `changed`; `/set` is the owning set. */
export interface PlannedChange extends ResourceRef {
  readonly action: 'added' | 'changed' | 'removed' | 'unchanged';
  readonly fields?: readonly FieldChange[];
  /** Name that it takes over from. Of what is removed: that it had taken over from itself. */
  readonly renamedFrom?: string;
  /** Name of what takes over from what is removed. */
  readonly renamedTo?: string;
}

/** The changeset to append (nothing to append when `changes` is empty) and what people see of it, sorted by identity. */
export interface ChangesetPlan {
  readonly changes: readonly ResourceChange[];
  readonly plan: readonly PlannedChange[];
}

/** Standing resources by resource key. */
export type Standing = ReadonlyMap<string, StandingResource>;

interface Wanted extends GivenResource {
  readonly key: string;
  readonly set?: string;
}

/**
 * Upserts what is given. A bundle, or everything given when `setName` is told, owns a set: its members that are no
 * longer given are removed. A resource given outside any set keeps the set that owns it.
 * Identities are unique in `documents`, and none belongs to another set: see {@link foreignMembers}.
 */
export function planChangeset(
  standing: Standing,
  documents: readonly GivenDocument[],
  setName?: string,
): ChangesetPlan {
  const wanted = wantedOf(documents, setName);
  const sets = new Set(
    setName === undefined ? documents.flatMap(({ set }) => (set === undefined ? [] : [set])) : [setName],
  );
  const leavers = [...standing]
    .filter(([key, { set }]) => set !== undefined && sets.has(set) && !wanted.has(key))
    .map(([, entry]) => removal(entry.resource));
  const puts = [...wanted.values()].map((one) => put(one, standing.get(one.key)));
  return planOf([...leavers, ...puts]);
}

/** Upserts what is given, and removes every other standing resource that `isPart` of what it replaces. */
export function planReplacement(
  standing: Standing,
  documents: readonly GivenDocument[],
  isPart: (resource: Resource) => boolean,
): ChangesetPlan {
  const wanted = wantedOf(documents, undefined);
  const leavers = [...standing]
    .filter(([key, { resource }]) => !wanted.has(key) && isPart(resource))
    .map(([, { resource }]) => removal(resource));
  const puts = [...wanted.values()].map((one) => put(one, standing.get(one.key)));
  return planOf([...leavers, ...puts]);
}

/** Removes standing resources. */
export function planRemoval(standing: Standing, ...refs: readonly ResourceRef[]): ChangesetPlan {
  return planOf(
    refs.flatMap((ref) => {
      const entry = standing.get(refKey(ref));
      return entry ? [removal(entry.resource)] : [];
    }),
  );
}

/**
 * Brings everything back to how it stood: what came since is removed, what went or changed since is put as it was, in the set that
 * owned it then. A name that comes back takes back what the one stands for that took over from it. ADR 0039.
 */
export function planReturn(standing: Standing, past: ReadonlyMap<string, Owned>): ChangesetPlan {
  const leavers = [...standing]
    .filter(([key]) => !past.has(key))
    .map(([, { resource }]) => removal(resource));
  const heirs = new Map(
    [...standing].flatMap(([key, { resource }]) => {
      const former = past.has(key) ? undefined : formerKey(resource);
      return former === undefined || standing.has(former) ? [] : [[former, resource.metadata.name] as const];
    }),
  );
  const puts = [...past].map(([key, { resource, set }]) => {
    const heir = heirs.get(key);
    const metadata = { ...resource.metadata, ...(heir !== undefined && { renamedFrom: heir }) };
    return putInto(set, heir === undefined ? resource : { ...resource, metadata }, standing.get(key));
  });
  return planOf([...leavers, ...puts]);
}

/** Key of what a resource takes over from. */
function formerKey(resource: Resource): string | undefined {
  const { renamedFrom: name } = resource.metadata;
  return name === undefined ? undefined : refKey({ ...refOf(resource), name });
}

/** A resource and the set that owns it, if any. */
export type Owned = Pick<StandingResource, 'resource' | 'set'>;

interface Step {
  readonly planned: PlannedChange;
  readonly change?: ResourceChange;
}

function removal(resource: Resource): Step {
  const ref = refOf(resource);
  const { renamedFrom } = resource.metadata;
  const planned: PlannedChange = {
    action: 'removed',
    ...ref,
    ...(renamedFrom !== undefined && { renamedFrom }),
  };
  return { planned, change: { op: 'delete', ref } };
}

function put({ resource, set }: Wanted, before: StandingResource | undefined): Step {
  return putInto(set ?? before?.set, resource, before);
}

function putInto(owner: string | undefined, resource: Resource, before: StandingResource | undefined): Step {
  const ref = refOf(resource);
  const change: ResourceChange = { op: 'put', resource, ...(owner !== undefined && { set: owner }) };
  const { renamedFrom } = resource.metadata;
  if (!before)
    return {
      planned: { action: 'added', ...ref, ...(renamedFrom !== undefined && { renamedFrom }) },
      change,
    };
  const fields = [
    ...diffFields(before.resource, resource),
    ...(owner === before.set ? [] : [{ path: '/set', from: before.set ?? null, to: owner ?? null }]),
  ];
  if (fields.length === 0) return { planned: { action: 'unchanged', ...ref } };
  return { planned: { action: 'changed', ...ref, fields }, change };
}

function planOf(steps: readonly Step[]): ChangesetPlan {
  const keyed = steps.map((step) => ({ key: refKey(step.planned), step }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  const heirs = new Map(
    steps.flatMap(({ change }) => {
      const former = change?.op === 'put' ? formerKey(change.resource) : undefined;
      return change?.op === 'put' && former !== undefined ? [[former, change.resource.metadata.name]] : [];
    }),
  );
  return {
    changes: keyed.flatMap(({ step }) => (step.change ? [step.change] : [])),
    plan: keyed.map(({ key, step: { planned } }) => {
      const renamedTo = planned.action === 'removed' ? heirs.get(key) : undefined;
      return renamedTo === undefined ? planned : { ...planned, renamedTo };
    }),
  };
}

function wantedOf(documents: readonly GivenDocument[], setName: string | undefined): Map<string, Wanted> {
  const wanted = documents.flatMap(({ set: bundle, resources }) =>
    resources.map((one): [string, Wanted] => {
      const set = setName ?? bundle;
      const key = keyOf(one.resource);
      return [key, { ...one, key, ...(set !== undefined && { set }) }];
    }),
  );
  return new Map(wanted);
}

/** `validation-failed` naming both sets when a resource would move from one set to another. */
export function foreignMembers(
  standing: Standing,
  documents: readonly GivenDocument[],
  setName?: string,
): CodedError | undefined {
  const errors: FieldError[] = [];
  for (const { key, resource, pointer, set } of wantedOf(documents, setName).values()) {
    const owner = standing.get(key)?.set;
    if (set === undefined || owner === undefined || owner === set) continue;
    const message = `${refText(refOf(resource))} belongs to the set "${owner}", it cannot become part of "${set}": remove it there first`;
    errors.push({ pointer, message });
  }
  if (errors.length === 0) return undefined;
  return new CodedError(
    'validation-failed',
    `a resource belongs to one set only: ${errors[0]?.message}`,
    errors,
  );
}
