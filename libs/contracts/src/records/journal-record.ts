import type { AccessScope, ChangeOrigin } from '../access/principal.js';
import type { Role } from '../access/roles.js';
import type { Resource, ResourceRef } from '../resource.js';

/** One put or delete inside a changeset. `set` names the set that owns the resource, if any. */
export type ResourceChange =
  | { readonly op: 'put'; readonly resource: Resource; readonly set?: string }
  | { readonly op: 'delete'; readonly ref: ResourceRef };

/**
 * One message of `journal.resources` = one atomic apply. Its stream sequence is the revision.
 * A resource appears at most once in a changeset.
 */
export interface Changeset {
  readonly author: string;
  readonly message: string;
  readonly at: string;
  readonly changes: readonly ResourceChange[];
  /** Absent: of a record of 0.1.0, or nobody asked by REST. */
  readonly from?: ChangeOrigin;
}

/** One message of `journal.token`: a token by its hash, never in clear. */
export type TokenRecord =
  | {
      readonly type: 'created';
      readonly id: string;
      readonly name: string;
      readonly hash: string;
      /** `admin` in all records of 0.1.0. */
      readonly role: Role;
      readonly at: string;
      /** Absent: all of the site. */
      readonly scope?: AccessScope;
      /** Of a service account: the only groups that it may emit facts to, and all that it may do. */
      readonly emits?: readonly string[];
      /** Absent: valid until it is revoked. */
      readonly expiresAt?: string;
      readonly author?: string;
      readonly from?: ChangeOrigin;
    }
  | {
      readonly type: 'revoked';
      readonly id: string;
      readonly at: string;
      readonly author?: string;
      readonly from?: ChangeOrigin;
    };
