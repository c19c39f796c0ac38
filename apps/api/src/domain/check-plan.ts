import {
  checkSet,
  CodedError,
  DEFAULT_PROJECT,
  type FieldError,
  keyOf,
  referenceErrors,
  refKey,
  refOf,
  refText,
  type Resource,
  type ResourceLookup,
  type ResourceRef,
} from '@signalbox/contracts';
import type { ChangesetPlan, GivenDocument, GivenResource, Standing } from './plan-changeset.js';

/**
 * Checks the whole set as it would stand after the changes: references of everything that changes and of everything
 * that refers to it. Pointers start where the resource stands in the request; for a resource that the request does not
 * name they start at that resource. Throws `reference-missing`, or `validation-failed` when all references resolve.
 */
export function checkPlan(
  standing: Standing,
  { changes }: ChangesetPlan,
  documents: readonly GivenDocument[],
): void {
  const after = new Map<string, Resource>([...standing].map(([key, { resource }]) => [key, resource]));
  for (const change of changes) {
    if (change.op === 'put') after.set(keyOf(change.resource), change.resource);
    else after.delete(refKey(change.ref));
  }
  const touched = changes.map((change) => (change.op === 'put' ? refOf(change.resource) : change.ref));
  const found = checkSet(after, touched);
  if (found.length === 0) return;

  const given = new Map(
    documents.flatMap(({ resources }) =>
      resources.map((one): [string, GivenResource] => [keyOf(one.resource), one]),
    ),
  );
  const errors = found.flatMap(({ ref, errors: ofOne }) =>
    ofOne.map(({ pointer, message }): FieldError => ({
      pointer: placeOf(given.get(refKey(ref)), pointer),
      message: `${refText(ref)}: ${message}`,
    })),
  );
  const code = found.some(({ ref }) => lacksTarget(after, ref)) ? 'reference-missing' : 'validation-failed';
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  throw new CodedError(code, `${errors[0]?.message}${more}`, errors);
}

function placeOf(given: GivenResource | undefined, inside: string): string {
  return given?.pointerTo?.(inside) ?? `${given?.pointer ?? ''}${inside}`;
}

/** Whether something that the resource refers to is not there at all. */
function lacksTarget(resources: ReadonlyMap<string, Resource>, ref: ResourceRef): boolean {
  const resource = resources.get(refKey(ref));
  let missing = false;
  const lookup: ResourceLookup = (apiVersion, kind, name) => {
    const target = resources.get(refKey({ apiVersion, kind, project: DEFAULT_PROJECT, name }));
    missing ||= target === undefined;
    return target;
  };
  if (resource) referenceErrors(resource, lookup);
  return missing;
}
