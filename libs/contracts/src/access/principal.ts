import type { Role } from './roles.js';

/** Who calls, as the guard of REST found. */
export interface Principal {
  /** Tells callers apart for ever: `token:<id>`, or `oidc:<issuer>#<subject>`. */
  readonly subject: string;
  /** What people call it; recorded as author of changes. */
  readonly name: string;
  readonly role: Role;
  /** What it sees and changes; absent: all of the site. */
  readonly scope?: AccessScope;
  /** Of a service account that may do nothing but emit facts: to these groups. */
  readonly emits?: readonly string[];
  /** When its token ends, milliseconds since the epoch; absent: when it is revoked. */
  readonly expiresAtMs?: number;
}

/** Orgs with all their projects, and single projects. */
export interface AccessScope {
  readonly orgs: readonly string[];
  readonly projects: readonly string[];
}

/** Where a change came from; kept in its record beside the author. */
export interface ChangeOrigin {
  /** Of the {@link Principal}. */
  readonly subject: string;
  /** IP address of the client. */
  readonly address?: string;
  /** Program of the client, its `User-Agent`; at most 200 characters. */
  readonly agent?: string;
}
