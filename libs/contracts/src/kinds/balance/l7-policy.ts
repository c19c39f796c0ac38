import type { FieldError } from '../../errors.js';
import { POLICY_ACTIONS, REDIRECT_CODES } from '../../node-state/node-policy.js';
import { readsRequests } from '../../node-state/node-state.js';
import { FLAG, NON_BLANK, oneOf, shape, TEXT, wholeNumber } from '../../schema/shape.js';
import type { Kind, ReferenceFieldError, ResourceLookup } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { L7_LIMITS, type L7PolicySpec } from './l7-specs.js';
import { LISTENER } from './listener.js';
import type { ListenerSpec } from './load-balancer-specs.js';
import { POOL } from './pool.js';
import { BALANCE_API } from './specs.js';

/** Highest position of a policy. */
export const MAX_POSITION = 1_000_000;

/** What an action needs, and no other may have. */
const TARGETS = {
  'redirect-to-url': 'url',
  'redirect-prefix': 'prefix',
  'redirect-to-pool': 'redirectPool',
} as const;

/** Actions that answer the client themselves with a code of their own to choose. */
const ACTIONS_WITH_CODE: readonly L7PolicySpec['action'][] = ['redirect-to-url', 'redirect-prefix'];

/** Where a policy names its pool. */
export const REDIRECT_POOL = '/spec/redirectPool';

/** A URL as a Location header has it: printable ASCII. RFC 3986. */
const HTTP_URL = /^https?:\/\/[!-~]+$/;

/** What a Listener does with some requests. Which, its L7Rules say; without one, none. spec/balance "Resources". */
export const L7_POLICY: Kind = {
  apiVersion: BALANCE_API,
  kind: 'L7Policy',
  schema: shape<L7PolicySpec>(
    { listener: NON_BLANK, action: oneOf(POLICY_ACTIONS), position: wholeNumber(1, MAX_POSITION) },
    {
      description: TEXT,
      url: TEXT,
      prefix: TEXT,
      redirectPool: NON_BLANK,
      code: oneOf(REDIRECT_CODES),
      enabled: FLAG,
    },
  ),
  checkFields(resource) {
    const spec = specOf<L7PolicySpec>(resource);
    return [...targetErrors(spec), ...urlErrors(spec)];
  },
  checkReferences(resource, lookup) {
    const { listener, redirectPool } = specOf<L7PolicySpec>(resource);
    return [
      ...checkReference('/spec/listener', LISTENER, listener, lookup),
      ...checkReference(REDIRECT_POOL, POOL, redirectPool, lookup),
      ...fitErrors(listener, redirectPool, lookup),
    ];
  },
};

function targetErrors(spec: L7PolicySpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [action, field] of Object.entries(TARGETS)) {
    const [isThere, isWanted] = [spec[field] !== undefined, spec.action === action];
    const pointer = `/spec/${field}`;
    if (isWanted && !isThere) errors.push({ pointer, message: `is required with action ${action}` });
    if (isThere && !isWanted)
      errors.push({ pointer, message: `is of action ${action} only: the action is ${spec.action}` });
  }
  if (spec.code !== undefined && !ACTIONS_WITH_CODE.includes(spec.action))
    errors.push({
      pointer: '/spec/code',
      message: `is of ${ACTIONS_WITH_CODE.join(' and ')} only: the action is ${spec.action}`,
    });
  return errors;
}

function urlErrors({ url, prefix }: L7PolicySpec): readonly FieldError[] {
  return Object.entries({ url, prefix }).flatMap(([field, value]) => {
    const problem = value === undefined ? undefined : urlProblem(value, field === 'prefix');
    return problem === undefined ? [] : [{ pointer: `/spec/${field}`, message: problem }];
  });
}

function urlProblem(value: string, isPrefix: boolean): string | undefined {
  if (value.length > L7_LIMITS.urlLength) return `must have at most ${L7_LIMITS.urlLength} characters`;
  if (!HTTP_URL.test(value) || !URL.canParse(value))
    return 'must be an http or https URL of printable ASCII, such as https://www.example.net';
  return isPrefix && /[?#]/.test(value)
    ? 'must have neither query nor fragment: path and query of the request follow it'
    : undefined;
}

/**
 * Only a proxy of requests sees any. A pool that serves a listener already is no other one for its requests: what it gets, the
 * order of preference says.
 */
function fitErrors(
  name: string,
  redirectPool: string | undefined,
  lookup: ResourceLookup,
): readonly ReferenceFieldError[] {
  const listener = lookup(LISTENER.apiVersion, LISTENER.kind, name);
  if (!listener) return [];
  const { protocol, pools } = specOf<ListenerSpec>(listener);
  const errors: ReferenceFieldError[] = [];
  if (!readsRequests(protocol)) {
    const message = `Listener/${name} has protocol ${protocol}: a policy needs http or terminated-https`;
    errors.push({ pointer: '/spec/listener', message });
  }
  if (redirectPool !== undefined && pools.includes(redirectPool)) {
    const message = `Pool/${redirectPool} is a pool of Listener/${name} itself: name another one, or invert the rules of others`;
    errors.push({ pointer: REDIRECT_POOL, message });
  }
  return errors;
}
