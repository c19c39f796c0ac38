import {
  checkSet,
  CodedError,
  type FieldError,
  joinedError,
  keyOf,
  lookupIn,
  quotaError,
  type QuotaExcess,
  referenceErrors,
  refKey,
  refOf,
  refText,
  type Resource,
  type ResourceChange,
  type ResourceErrors,
  type ResourceRef,
  withoutDoubtful,
} from '@signalbox/contracts';
import type { Given } from './given-documents.js';
import type { ChangesetPlan, GivenResource, Standing } from './plan-changeset.js';
import { occupiedProjects } from './standing-in-project.js';

/** Which limits of quotas a change would break. */
export type ExcessesOf = (changes: readonly ResourceChange[]) => readonly QuotaExcess[];

/** A change that nobody gave a text for. */
export const NOTHING_GIVEN: Given = { documents: [], remainders: [], doubtful: new Set(), failures: [] };

/**
 * Checks the whole set as it would stand after the changes: references of everything that changes and of everything
 * that refers to it. Throws what is wrong with it together with the failures of what was given. Pointers start where the
 * resource stands in the request; for a resource that the request does not name they start at that resource.
 * References throw `reference-missing`, or `validation-failed` when all of them resolve; quotas throw `quota-exceeded`.
 */
export function checkPlan(
  standing: Standing,
  { changes }: ChangesetPlan,
  given: Given = NOTHING_GIVEN,
  excessesOf: ExcessesOf = () => [],
): void {
  const { doubtful } = given;
  const after = new Map<string, Resource>([...standing].map(([key, { resource }]) => [key, resource]));
  for (const change of changes) {
    if (change.op === 'put') after.set(keyOf(change.resource), change.resource);
    else after.delete(refKey(change.ref));
  }
  for (const key of doubtful) after.delete(key);
  const touched = changes.map((change) => (change.op === 'put' ? refOf(change.resource) : change.ref));
  const ofRemainders = given.remainders.map(({ resource }): ResourceErrors => {
    const lookup = lookupIn(after)(resource);
    const errors = referenceErrors(resource, lookup);
    return { ref: refOf(resource), errors: withoutDoubtful(errors, doubtful) };
  });
  const occupied = occupiedProjects(changes, after.values());
  const placeIn = placesIn(given);
  const loose = looseError([...checkSet(after, touched, doubtful), ...ofRemainders, ...occupied], placeIn);
  const tooMany = quotaError(excessesOf(changes), placeIn);
  const [first, ...others] = [...given.failures, ...(loose ? [loose] : []), ...(tooMany ? [tooMany] : [])];
  if (first) throw joinedError([first, ...others]);
}

/** Where something inside a resource stands in the request. */
type PlaceIn = (ref: ResourceRef, inside: string) => string;

function placesIn({ documents, remainders }: Given): PlaceIn {
  const places = new Map(
    [...documents.flatMap(({ resources }) => resources), ...remainders].map((one) => [
      keyOf(one.resource),
      one,
    ]),
  );
  return (ref, inside) => placeOf(places.get(refKey(ref)), inside);
}

function looseError(found: readonly ResourceErrors[], placeIn: PlaceIn): CodedError | undefined {
  const errors = found.flatMap(({ ref, errors: ofOne }) =>
    ofOne.map(({ pointer, message }): FieldError => ({
      pointer: placeIn(ref, pointer),
      message: `${refText(ref)}: ${message}`,
    })),
  );
  if (errors.length === 0) return undefined;
  const isMissing = found.some((one) => one.errors.some(({ missing }) => missing !== undefined));
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new CodedError(
    isMissing ? 'reference-missing' : 'validation-failed',
    `${errors[0]?.message}${more}`,
    errors,
  );
}

function placeOf(given: Partial<GivenResource> | undefined, inside: string): string {
  return given?.pointerTo?.(inside) ?? `${given?.pointer ?? ''}${inside}`;
}
