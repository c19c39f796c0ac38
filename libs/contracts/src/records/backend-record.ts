import type { ChangeOrigin } from '../access/principal.js';
import type { Endpoint } from '../kinds/balance/endpoint.js';

/** States of a backend. Reference maglev 3.1. */
export const BACKEND_STATES = ['unknown', 'up', 'down', 'paused', 'disabled', 'removed'] as const;
export type BackendState = (typeof BACKEND_STATES)[number];

/** Which layer answered or failed. Reference 4.1. */
export const PROBE_LAYERS = ['L4', 'L6', 'L7'] as const;
export type ProbeLayer = (typeof PROBE_LAYERS)[number];

/** Codes of probe results. Reference 4.2 (HAProxy vocabulary). */
export const PROBE_CODES = [
  'L4OK',
  'L4TOUT',
  'L4CON',
  'L6OK',
  'L6TOUT',
  'L6RSP',
  'L7OK',
  'L7TOUT',
  'L7RSP',
  'L7STS',
] as const;
export type ProbeCode = (typeof PROBE_CODES)[number];

/**
 * Codes of changes that no probe made. `static`: a backend without a check is up; `started`: added to the config;
 * `address-changed`, `check-changed`: the config names another host or check. Reference 3.5.
 */
export const STATE_CODES = [
  'paused',
  'resumed',
  'disabled',
  'enabled',
  'removed',
  'static',
  'started',
  'address-changed',
  'check-changed',
] as const;
export type StateCode = (typeof STATE_CODES)[number];

/** What a transition came from. `detail` is for people, at most 200 characters. */
export interface HealthResult {
  readonly ok: boolean;
  readonly layer?: ProbeLayer;
  readonly code: ProbeCode | StateCode;
  readonly detail: string;
}

/** Who wanted it and why; of transitions that an operator caused. */
export interface OperatorNote {
  readonly author: string;
  readonly reason?: string;
}

/**
 * One message of `activity.backend.<name>`, appended by `health` only: the backend as it is from now on.
 * `from` is absent when the backend is new; `from` = `to` when only its endpoint, check or flag changed.
 * `version` counts the records of a name and never starts again; readers keep the record with the highest one.
 * Names of backends and checks are scoped, see `scopedName`.
 */
export interface BackendRecord extends Endpoint {
  readonly backend: string;
  readonly version: number;
  readonly at: string;
  readonly from?: BackendState;
  readonly to: BackendState;
  /** When it entered the state `to`. */
  readonly since: string;
  readonly result: HealthResult;
  /** Absent for static backends. */
  readonly healthcheck?: string;
  readonly by?: OperatorNote;
}

/** What an operator can do with a backend. Reference 3.5. */
export const BACKEND_COMMANDS = ['pause', 'resume', 'enable', 'disable'] as const;
export type BackendCommand = (typeof BACKEND_COMMANDS)[number];

/**
 * One message of `journal.backend.<name>`, appended by `health` with compare-and-set: what an operator wants.
 * `configEnabled` is `spec.enabled` as it was then: when the config says otherwise later, the config is newer.
 */
export interface BackendIntent {
  /** Scoped. */
  readonly backend: string;
  readonly intent: 'run' | 'pause' | 'disable';
  readonly configEnabled: boolean;
  readonly at: string;
  readonly author: string;
  readonly reason?: string;
  /** Absent: of a record of 0.1.0, or nobody asked by REST. */
  readonly from?: ChangeOrigin;
}
