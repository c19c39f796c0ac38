import type { QuarantinedPart, SuppressedResource } from './records/effective-record.js';
import { BACKEND_STATES, type BackendState } from './records/backend-record.js';
import type { FrontendState, WeightReason } from './records/frontend-record.js';
import type { ResourceChange } from './records/journal-record.js';
import type { PartRef } from './records/part-record.js';
import { RESOURCE_CHANGES } from './records/schemas.js';
import { requestReader } from './request-reader.js';
import type { Resource, ResourceRef } from './resource.js';
import { COUNT, listOf, NON_BLANK, oneOf, shape } from './schema/shape.js';

/**
 * What changes of resources would lead to: questions on core NATS (architecture section 6, rule 10) that change nothing. Answers
 * are one message each, so a larger one is refused as `result-too-large`. ADR 0040.
 */

/**
 * `ask.renderer.plan`: what the effective config would be after this change of operator resources. Errors: `not-ready`, also while
 * `revision` is not followed yet; `result-too-large`.
 */
export interface ConfigPlanQuestion {
  /** The revision that the changes were planned at. */
  readonly revision: number;
  readonly changes: readonly ResourceChange[];
}

/** Answer to `ask.renderer.plan`. Lists of resources are sorted by identity, lists of parts by source. */
export interface ConfigPlan {
  /** The generation that it is compared with. */
  readonly generation: number;
  /** Revision of the operator resources in it. */
  readonly revision: number;
  readonly versions: readonly PlannedVersion[];
  /** Parts that would no longer merge, and why. */
  readonly quarantined: readonly QuarantinedPart[];
  /** Parts that would merge again, with the reason that would be gone. */
  readonly restored: readonly QuarantinedPart[];
  /** Operator resources that masks would hide. */
  readonly masked: readonly SuppressedResource[];
  /** Operator resources that no mask would hide any more. */
  readonly shown: readonly ResourceRef[];
  /** Parts that would end because who stands for them goes. */
  readonly withdrawn: readonly WithdrawnPart[];
  /** Put resources that bring parts by themselves: what these will have is not known before they ran. */
  readonly undecided: readonly ResourceRef[];
}

/** A resource of the effective config before and after, without provenance; it comes, becomes another, or goes. */
export interface PlannedVersion extends ResourceRef {
  readonly before?: Resource;
  readonly after?: Resource;
  /** The part that it would stem from; that it stems from, when it goes. Absent: people declared it. */
  readonly part?: PartRef;
}

/** A part that would end. */
export interface WithdrawnPart extends PartRef {
  readonly reason: string;
}

/**
 * `ask.health.plan`: the states that backends would be in at once after this change of the effective config, before any probe. Errors:
 * `not-ready`, `result-too-large`.
 */
export interface HealthPlanQuestion {
  readonly changes: readonly ResourceChange[];
}

/** Answer to `ask.health.plan`: of each Backend that is put, in the order of the changes. */
export interface HealthPlan {
  readonly states: readonly PlannedState[];
}

/** State that a backend would be in. */
export interface PlannedState {
  /** Scoped name. */
  readonly backend: string;
  readonly state: BackendState;
}

/** `ask.balancer.plan`: what this change of the effective config would do to weights. Errors: `not-ready`, `result-too-large`. */
export interface WeightPlanQuestion {
  readonly changes: readonly ResourceChange[];
  /** What `health` makes of backends because of it; of the others its records tell. */
  readonly states: readonly PlannedState[];
}

/** Answer to `ask.balancer.plan`. All names are scoped names. */
export interface WeightPlan {
  /** Of which anything would be another, by name. */
  readonly frontends: readonly FrontendPlan[];
  /** VIPs that would be given back or asked for, by holder. */
  readonly vips: readonly VipPlan[];
  readonly warnings: readonly WeightWarning[];
}

/** What would become of a frontend. `before` is absent when it comes, `after` when it goes. */
export interface FrontendPlan {
  readonly frontend: string;
  readonly before?: FrontendStanding;
  readonly after?: FrontendStanding;
  /** Those whose weight or share would be another, in the order of the pools. */
  readonly targets: readonly TargetPlan[];
}

/** How a frontend stands, and the pool that gets its traffic, or would. */
export interface FrontendStanding {
  readonly state: FrontendState;
  readonly activePool: string;
}

/** What would become of a backend in a pool. `before` is absent when it comes, `after` when it goes. */
export interface TargetPlan {
  readonly pool: string;
  readonly backend: string;
  readonly before?: WeightShare;
  readonly after?: WeightShare & { readonly why: WeightReason };
}

/** An effective weight. */
export interface WeightShare {
  /** 0-100. */
  readonly effective: number;
  /** Part of the new connections of the frontend, or of what its policies send to the pool: percent, with one decimal. */
  readonly share: number;
}

/** An address of a VipPool that would be given back, or that a VipClaim would ask for. */
export interface VipPlan {
  readonly action: 'released' | 'claimed';
  readonly holder: string;
  /** Absent: any of the pool. */
  readonly address?: string;
  /** Pool that the claim names. */
  readonly pool?: string;
}

/**
 * `backends-gone`: it serves and no backend would get traffic. `frontend-gone`: it serves and would no longer be there. `pool-switch`: traffic would
 * go to another pool.
 */
export const WEIGHT_WARNINGS = ['backends-gone', 'frontend-gone', 'pool-switch'] as const;

/** Something that people want to know before it happens. */
export interface WeightWarning {
  readonly reason: (typeof WEIGHT_WARNINGS)[number];
  readonly frontend: string;
  readonly message: string;
}

/** Reads `ask.renderer.plan`. Throws `bad-text`, `bad-json`, `validation-failed`. */
export const readConfigPlanQuestion = requestReader<ConfigPlanQuestion>(
  'the question',
  shape<ConfigPlanQuestion>({ revision: COUNT, changes: RESOURCE_CHANGES }),
);

/** Reads `ask.balancer.plan`. Throws `bad-text`, `bad-json`, `validation-failed`. */
export const readWeightPlanQuestion = requestReader<WeightPlanQuestion>(
  'the question',
  shape<WeightPlanQuestion>({
    changes: RESOURCE_CHANGES,
    states: listOf(shape<PlannedState>({ backend: NON_BLANK, state: oneOf(BACKEND_STATES) })),
  }),
);

/** Reads `ask.health.plan`. Throws `bad-text`, `bad-json`, `validation-failed`. */
export const readHealthPlanQuestion = requestReader<HealthPlanQuestion>(
  'the question',
  shape<HealthPlanQuestion>({ changes: RESOURCE_CHANGES }),
);
