import type { FieldError } from '../errors.js';
import { RETRACT_LIMITS } from '../retract-policy.js';
import { retryPolicyOf } from '../retry-policy.js';
import { FLAG, listOf, mapOf, oneOf, shape, TEXT, text, wholeNumber } from '../schema/shape.js';
import { EVENT_GROUP } from './event-group.js';
import type { Kind } from './kind.js';
import { checkReference } from './reference.js';
import { type EventSubscriptionSpec, FEDERATION_API, ON_CHANGE } from './specs.js';
import { specOf } from './spec-of.js';

type Match = EventSubscriptionSpec['match'];
type Trigger = EventSubscriptionSpec['trigger'];
type Retry = NonNullable<EventSubscriptionSpec['retry']>;
type Retract = NonNullable<EventSubscriptionSpec['retract']>;

/** Bounds of a subscription: attempts of one run, and runs in flight at once. */
export const SUBSCRIPTION_LIMITS = { maxAttempts: 100, concurrency: 1024 } as const;

/**
 * Which facts of a group start which plugin. Reference 2.3, spec/federation "Subscriptions".
 * At least one type: there is no blanket subscription. The group must exist; the plugin may be declared later,
 * runs wait for it.
 */
export const EVENT_SUBSCRIPTION: Kind = {
  apiVersion: FEDERATION_API,
  kind: 'EventSubscription',
  schema: shape<EventSubscriptionSpec>(
    {
      groupRef: text('group-name'),
      match: shape<Match>(
        { types: listOf(text('fact-type'), { minItems: 1 }) },
        {
          subjectPrefixes: listOf(text('subject-prefix')),
          payload: mapOf(TEXT),
          sourceNodes: listOf(text('node-name')),
        },
      ),
      trigger: shape<Trigger>(
        { pluginRef: text('resource-ref') },
        {
          concurrency: wholeNumber(1, SUBSCRIPTION_LIMITS.concurrency),
          batchWindow: text('go-duration'),
          debounce: text('go-duration'),
        },
      ),
    },
    {
      suspend: FLAG,
      onChange: oneOf(ON_CHANGE),
      retry: shape<Retry>(
        {},
        {
          maxAttempts: wholeNumber(1, SUBSCRIPTION_LIMITS.maxAttempts),
          backoff: text('duration'),
          maxBackoff: text('duration'),
        },
      ),
      retract: shape<Retract>(
        { types: listOf(text('fact-type'), { minItems: 1, maxItems: RETRACT_LIMITS.types }) },
        { grace: text('grace') },
      ),
    },
  ),
  checkFields(resource): readonly FieldError[] {
    const spec = specOf<EventSubscriptionSpec>(resource);
    return [...backoffErrors(spec), ...retractErrors(spec)];
  },
  checkReferences(resource, lookup) {
    return checkReference(
      '/spec/groupRef',
      EVENT_GROUP,
      specOf<EventSubscriptionSpec>(resource).groupRef,
      lookup,
    );
  },
};

function backoffErrors(spec: EventSubscriptionSpec): FieldError[] {
  const { backoffMs, maxBackoffMs } = retryPolicyOf(spec);
  if (backoffMs <= maxBackoffMs) return [];
  const member = spec.retry?.maxBackoff === undefined ? 'backoff' : 'maxBackoff';
  return [
    {
      pointer: `/spec/retry/${member}`,
      message: 'the first back-off (default 1s) exceeds maxBackoff (default 1m)',
    },
  ];
}

function retractErrors({ match, retract }: EventSubscriptionSpec): FieldError[] {
  return (retract?.types ?? []).flatMap((type, at) =>
    match.types.includes(type)
      ? [
          {
            pointer: `/spec/retract/types/${at}`,
            message: `${type} is one of match.types: a fact cannot start something and take it back, remove it from one of them`,
          },
        ]
      : [],
  );
}
