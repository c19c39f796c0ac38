import { CodedError, refKey, type ResourceRef, refText } from '@signalbox/contracts';
import { entityTag, namesTag } from '@signalbox/runtime';
import type { Standing } from '../domain/plan-changeset.js';

/** What a caller says of the version of a resource that it changes. */
export interface Seen {
  /** `If-Match` header: `ETag` of the version. */
  readonly ifMatch: string | undefined;
  /** `If-None-Match: *`: none may stand. */
  readonly isNew?: boolean;
  /** Whether a change of what stands needs `If-Match`. */
  readonly isRequired: boolean;
}

/**
 * Refuses a change of a resource by who has not seen what stands: `revision-conflict` for another version, or any where it must be
 * new, `precondition-required` where one has to say which.
 */
export function refuseUnseen(
  ref: ResourceRef,
  standing: Standing,
  { ifMatch, isNew, isRequired }: Seen,
): void {
  const revision = standing.get(refKey(ref))?.revision;
  if (isNew === true && revision !== undefined)
    throw new CodedError('revision-conflict', `${refText(ref)} stands already, at revision ${revision}`);
  if (ifMatch === undefined && revision !== undefined && isRequired)
    throw new CodedError(
      'precondition-required',
      `${refText(ref)} stands: send If-Match with the ETag of the version that you have seen`,
    );
  if (ifMatch === undefined || (revision !== undefined && namesTag(ifMatch, entityTag(revision)))) return;
  const stands = revision === undefined ? 'does not stand' : `is at revision ${revision}`;
  throw new CodedError(
    'revision-conflict',
    `${refText(ref)} ${stands}, If-Match names ${ifMatch}: look at it and try again`,
  );
}

/** Of a change of many resources: the version that is compared is the revision of the site. */
export function refuseOtherRevision(revision: number, ifMatch: string | undefined): void {
  if (ifMatch === undefined || namesTag(ifMatch, entityTag(revision))) return;
  throw new CodedError(
    'revision-conflict',
    `the resources are at revision ${revision}, If-Match names ${ifMatch}: look at the plan and apply again`,
  );
}
