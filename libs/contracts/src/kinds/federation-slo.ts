import type { FieldError } from '../errors.js';
import { keyOf, refOf, refText, type Resource } from '../resource.js';
import { shape, text, wholeNumber } from '../schema/shape.js';
import { EVENT_GROUP } from './event-group.js';
import { isOfKind, type Kind, type SetRule } from './kind.js';
import { checkReference } from './reference.js';
import { specOf } from './spec-of.js';
import { FEDERATION_API, type FederationSloSpec } from './specs.js';

/** Thresholds of doctor for a group, as they count: defaults filled in. Lag and expiry in seconds. Reference 2.4. */
export interface SloThresholds {
  readonly delivery: {
    readonly lagWarnSeconds: number;
    readonly lagFailSeconds: number;
    readonly expiresSoonSeconds: number;
  };
  readonly subscription: { readonly maxPendingRuns: number; readonly maxFailedRuns: number };
}

/** What counts where nothing, or 0, is said. Reference 2.4. */
export const SLO_DEFAULTS: SloThresholds = {
  delivery: { lagWarnSeconds: 60, lagFailSeconds: 180, expiresSoonSeconds: 120 },
  subscription: { maxPendingRuns: 0, maxFailedRuns: 0 },
};

/** Longest threshold. Seconds. */
const MAX_SECONDS = 30 * 24 * 3600;
const MAX_RUNS = 1_000_000;
const SECONDS = wholeNumber(0, MAX_SECONDS);
const RUNS = wholeNumber(0, MAX_RUNS);

/** From when on doctor warns and fails about the deliveries and runs of a group. Reference 2.4. */
export const FEDERATION_SLO: Kind = {
  apiVersion: FEDERATION_API,
  kind: 'FederationSLO',
  schema: shape<FederationSloSpec>(
    { groupRef: text('group-name') },
    {
      delivery: shape<NonNullable<FederationSloSpec['delivery']>>(
        {},
        { lagWarnSeconds: SECONDS, lagFailSeconds: SECONDS, expiresSoonSeconds: SECONDS },
      ),
      subscription: shape<NonNullable<FederationSloSpec['subscription']>>(
        {},
        { maxPendingRuns: RUNS, maxFailedRuns: RUNS },
      ),
    },
  ),
  checkFields: (resource) => warnBeforeFail(specOf<FederationSloSpec>(resource)),
  checkReferences: (resource, lookup) =>
    checkReference('/spec/groupRef', EVENT_GROUP, specOf<FederationSloSpec>(resource).groupRef, lookup),
};

/** A group has one FederationSLO: two would say different things of the same deliveries. Reference 2.4. */
export const ONE_SLO: SetRule = {
  about: [FEDERATION_SLO],
  places: (resource) => {
    const group = groupOf(resource);
    return group === undefined ? [] : [`slo ${group}`];
  },
  *near(slo, { at }) {
    const group = groupOf(slo);
    if (group !== undefined) yield* at(`slo ${group}`);
  },
  over(resources) {
    const slos = new Map<string, Resource[]>();
    for (const resource of resources) {
      const group = groupOf(resource);
      if (group === undefined) continue;
      const others = slos.get(group);
      if (others) others.push(resource);
      else slos.set(group, [resource]);
    }
    return (slo) => {
      const group = groupOf(slo);
      const other = slos.get(group ?? '')?.find((one) => keyOf(one) !== keyOf(slo));
      if (!other) return [];
      const message = `${refText(refOf(other))} is about EventGroup/${group} already: a group has one FederationSLO`;
      return [{ pointer: '/spec/groupRef', message }];
    };
  },
};

/** The thresholds that count; without an SLO, and where it says nothing or 0, the defaults. */
export function thresholdsOf(spec?: Partial<FederationSloSpec>): SloThresholds {
  const { delivery, subscription } = SLO_DEFAULTS;
  return {
    delivery: {
      lagWarnSeconds: spec?.delivery?.lagWarnSeconds || delivery.lagWarnSeconds,
      lagFailSeconds: spec?.delivery?.lagFailSeconds || delivery.lagFailSeconds,
      expiresSoonSeconds: spec?.delivery?.expiresSoonSeconds || delivery.expiresSoonSeconds,
    },
    subscription: {
      maxPendingRuns: spec?.subscription?.maxPendingRuns || subscription.maxPendingRuns,
      maxFailedRuns: spec?.subscription?.maxFailedRuns || subscription.maxFailedRuns,
    },
  };
}

function warnBeforeFail(spec: FederationSloSpec): readonly FieldError[] {
  const { lagWarnSeconds, lagFailSeconds } = thresholdsOf(spec).delivery;
  if (lagWarnSeconds < lagFailSeconds) return [];
  const message =
    `the lag that warns (${lagWarnSeconds} s) must be below the one that fails (${lagFailSeconds} s); ` +
    `0 and absent stand for ${SLO_DEFAULTS.delivery.lagWarnSeconds} s and ${SLO_DEFAULTS.delivery.lagFailSeconds} s`;
  return [{ pointer: '/spec/delivery/lagWarnSeconds', message }];
}

function groupOf(resource: Resource): string | undefined {
  if (!isOfKind(resource, FEDERATION_SLO)) return undefined;
  const { groupRef } = specOf<Partial<FederationSloSpec>>(resource);
  return typeof groupRef === 'string' ? groupRef : undefined;
}
