import {
  checkSet,
  CodedError,
  type FieldError,
  keyOf,
  refKey,
  refOf,
  refText,
  type Resource,
} from '@signalbox/contracts';
import type { ChangesetPlan, GivenDocument, Standing } from './plan-changeset.js';

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
      resources.map(({ resource, pointer }): [string, string] => [keyOf(resource), pointer]),
    ),
  );
  const errors = found.flatMap(({ ref, errors: ofOne }) =>
    ofOne.map(({ pointer, message }): FieldError => ({
      pointer: `${given.get(refKey(ref)) ?? ''}${pointer}`,
      message: `${refText(ref)}: ${message}`,
    })),
  );
  const onlyListeners = errors.every(({ pointer }) => pointer.endsWith('/spec/listen'));
  const code = onlyListeners ? 'validation-failed' : 'reference-missing';
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  throw new CodedError(code, `${errors[0]?.message}${more}`, errors);
}
