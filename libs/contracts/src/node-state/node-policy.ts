/** What a proxy of requests does with some of them before its own targets are chosen from. Reference load-balancing section 8, "L7 policy". */

/** What a rule looks at. `file-type`: what follows the last dot of the path. */
export const RULE_TYPES = ['host-name', 'path', 'header', 'cookie', 'file-type'] as const;
export type RuleType = (typeof RULE_TYPES)[number];

export const RULE_COMPARES = ['equal-to', 'starts-with', 'ends-with', 'contains', 'regex'] as const;
export type RuleCompare = (typeof RULE_COMPARES)[number];

/** Codes of a redirect. */
export const REDIRECT_CODES = [301, 302, 303, 307, 308] as const;
export type RedirectCode = (typeof REDIRECT_CODES)[number];

/** One condition on a request. Hosts and file types are compared without regard to case. */
export interface NodeRule {
  readonly type: RuleType;
  /** Name of the header or cookie. */
  readonly key?: string;
  readonly compare: RuleCompare;
  readonly value: string;
  /** It matches what it would not match, a request without such a header or cookie among that. */
  readonly invert?: true;
}

/** What is done with a request that all rules match. */
export type PolicyAction =
  /** 403. */
  | { readonly action: 'reject' }
  /** To this URL, whatever was asked for. */
  | { readonly action: 'redirect-to-url'; readonly url: string; readonly code: RedirectCode }
  /** To path and query of the request behind this. */
  | { readonly action: 'redirect-prefix'; readonly prefix: string; readonly code: RedirectCode }
  /** To a target of this one of the listener's `policyPools`; 503 while none of them has a weight. */
  | { readonly action: 'redirect-to-pool'; readonly pool: string };

export const POLICY_ACTIONS = [
  'reject',
  'redirect-to-url',
  'redirect-prefix',
  'redirect-to-pool',
] as const satisfies readonly PolicyAction['action'][];

/** One policy of a listener. */
export type NodePolicy = PolicyAction & {
  /** Scoped name. */
  readonly name: string;
  /** At least one. */
  readonly rules: readonly NodeRule[];
};
