import type {
  FrontendStanding,
  QuarantinedPart,
  ResourceRef,
  TargetPlan,
  WeightWarning,
} from '@signalbox/contracts';
import type { PlanEntry, SuppressedResource } from './rest-shapes.js';

/** What a change would lead to; a part is absent when the service that knows it did not answer. */
export interface Effect {
  readonly effective?: EffectiveEffect;
  readonly weights?: WeightEffect;
  readonly unanswered: readonly {
    readonly service: string;
    readonly code: string;
    readonly message: string;
  }[];
}

export interface EffectiveEffect {
  readonly generation: number;
  readonly changes: readonly EffectiveChange[];
  readonly quarantined: readonly QuarantinedPart[];
  readonly restored: readonly QuarantinedPart[];
  readonly masked: readonly SuppressedResource[];
  readonly shown: readonly ResourceRef[];
  readonly withdrawn: readonly QuarantinedPart[];
  readonly undecided: readonly ResourceRef[];
}

export interface EffectiveChange extends PlanEntry {
  readonly source?: string;
}

export interface WeightEffect {
  readonly frontends: readonly FrontendEffect[];
  readonly vips: readonly VipEffect[];
  readonly warnings: readonly (Pick<WeightWarning, 'reason' | 'message' | 'frontend'> & {
    readonly project: string;
  })[];
}

export interface FrontendEffect {
  readonly project: string;
  readonly frontend: string;
  readonly before?: FrontendStanding;
  readonly after?: FrontendStanding;
  readonly targets: readonly TargetPlan[];
}

export interface VipEffect {
  readonly action: 'released' | 'claimed';
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  readonly address?: string;
  readonly pool?: string;
}
