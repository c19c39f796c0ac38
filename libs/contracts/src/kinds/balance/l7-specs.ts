import type { POLICY_ACTIONS, RedirectCode, RuleCompare, RuleType } from '../../node-state/node-policy.js';

/** Typed specs of the kinds that say what is done with requests. Source: reference load-balancing section 8. */

/** What is done with the requests of a Listener that all its L7Rules match. */
export interface L7PolicySpec {
  /** For people; nothing reads it. */
  readonly description?: string;
  /** Name of the Listener. */
  readonly listener: string;
  /** What becomes of the request. */
  readonly action: (typeof POLICY_ACTIONS)[number];
  /** From 1: of policies of one kind of action the one with the lowest is asked first. */
  readonly position: number;
  /** Of `redirect-to-url`, which needs it. */
  readonly url?: string;
  /** Of `redirect-prefix`, which needs it. */
  readonly prefix?: string;
  /** Of `redirect-to-pool`, which needs it: name of a Pool that is none of the Listener's own. */
  readonly redirectPool?: string;
  /** Of the redirects that clients are told of, default 302. */
  readonly code?: RedirectCode;
  /** Default true. */
  readonly enabled?: boolean;
}

/** One condition of an L7Policy. */
export interface L7RuleSpec {
  /** For people; nothing reads it. */
  readonly description?: string;
  /** Name of the L7Policy. */
  readonly policy: string;
  /** What of the request is looked at. */
  readonly type: RuleType;
  /** Name of the header or cookie, of these two only. */
  readonly key?: string;
  /** How it is compared with `value`. */
  readonly compare: RuleCompare;
  /** What it is compared with; a regular expression for `regex`. */
  readonly value: string;
  /** Default false. */
  readonly invert?: boolean;
  /** Default true; false: as if it were not there. */
  readonly enabled?: boolean;
}

/** What a redirect answers unless told. */
export const DEFAULT_REDIRECT_CODE: RedirectCode = 302;

/** Bounds of what is asked for each request, of one Listener and of one of its policies. Those of a policy as in the anchor. */
export const L7_LIMITS = {
  policies: 100,
  rulesOfPolicy: 50,
  rules: 1_000,
  valueLength: 255,
  urlLength: 1_024,
} as const;
