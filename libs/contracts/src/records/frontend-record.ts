import type { ChangeOrigin } from '../access/principal.js';

/** States of a frontend. Reference maglev 3.11. */
export const FRONTEND_STATES = ['unknown', 'up', 'down'] as const;
export type FrontendState = (typeof FRONTEND_STATES)[number];

/** Why a target has its effective weight; the word for programs, `WeightReason.text` for people. */
export const WEIGHT_RULES = [
  'active',
  'slow-start',
  'standby',
  'failback-wait',
  'weight-zero',
  'unknown',
  'down',
  'paused',
  'disabled',
  'keep-last',
  'spread',
  'missing',
  'family-mismatch',
] as const;
export type WeightRule = (typeof WEIGHT_RULES)[number];

/** The **why** of one effective weight. */
export interface WeightReason {
  readonly rule: WeightRule;
  readonly text: string;
  /** When a `slow-start` or a `failback-wait` ends. */
  readonly until?: string;
}

/** One backend in one pool with what the data plane must use now. Reference 5.1. */
export interface FrontendTarget {
  readonly pool: string;
  readonly backend: string;
  /** Absent while the backend is not in the config. */
  readonly address?: string;
  /** Absent: the port of the VIP. */
  readonly port?: number;
  /** Configured weight, or that of the override. 0-100. */
  readonly weight: number;
  /** 0-100. */
  readonly effective: number;
  readonly flush: boolean;
  readonly why: WeightReason;
}

/**
 * One message of `activity.frontend.<name>`, appended by `balancer` only: what changed at this frontend.
 * `targets` are new or changed ones; `gone` left. `version` counts the records of a name. Names of frontends and
 * backends are scoped, see `scopedName`.
 * `from` is absent when the frontend is new; `to` = `removed` when it left the config.
 */
export interface FrontendRecord {
  readonly frontend: string;
  readonly version: number;
  readonly at: string;
  readonly from?: FrontendState;
  readonly to: FrontendState | 'removed';
  /** Name of the pool that gets traffic, or would. */
  readonly activePool: string;
  readonly targets: readonly FrontendTarget[];
  readonly gone: readonly { readonly pool: string; readonly backend: string }[];
}

/**
 * One message of `journal.frontend.<name>`, appended by `balancer` with compare-and-set: a weight that an operator set
 * at run time, or the end of it.
 */
export type WeightOverride =
  | {
      readonly type: 'set';
      readonly frontend: string;
      readonly pool: string;
      readonly backend: string;
      readonly weight: number;
      readonly at: string;
      readonly author: string;
      readonly reason?: string;
      readonly expiresAt?: string;
      /** Absent: of a record of 0.1.0, or nobody asked by REST. */
      readonly from?: ChangeOrigin;
    }
  | {
      readonly type: 'cleared';
      readonly frontend: string;
      readonly pool: string;
      readonly backend: string;
      readonly at: string;
      readonly author: string;
      readonly reason?: string;
      /** Absent: of a record of 0.1.0, or nobody asked by REST. */
      readonly from?: ChangeOrigin;
    };
