/**
 * What the site says about a resource, beside what its author wrote: never stored with it, always worked out anew.
 * `type` names what is told (`WithoutEffect`, `Pending`, `Degraded`), `reason` is one word for programs (an error code
 * where there is one), `message` says what, where and what to do.
 */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  /** JSON Pointer to the field of the resource that it is about, where it is about one. */
  readonly pointer?: string;
}

/** Reason of what is accepted and kept, but does nothing in this version. */
export const WITHOUT_EFFECT = 'accepted-without-effect';

/** Reason of what is sent unencrypted to another machine. */
export const PLAIN_HTTP = 'plain-http';

/**
 * `WithoutEffect`: accepted and kept, but this version does nothing with it. `Pending`: waits for something that is
 * named. `Degraded`: works less than it should. `Contained`, `Uncontained`: a plugin in a sandbox, and one without.
 * `Unprotected`: something leaves the machine unencrypted.
 */
export const CONDITION_TYPES = [
  'WithoutEffect',
  'Pending',
  'Degraded',
  'Contained',
  'Uncontained',
  'Unprotected',
] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number];
