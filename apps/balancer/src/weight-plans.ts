import { Injectable } from '@nestjs/common';
import { CodedError, type WeightPlan, type WeightPlanQuestion } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { BackendStates } from './backend-states.js';
import { ChangedConfig } from './domain/changed-config.js';
import { entered } from './domain/known-backend.js';
import { planFrontend, weightWarnings } from './domain/plan-weights.js';
import { FrontendBook } from './frontend-book.js';
import { FrontendInputs } from './frontend-inputs.js';
import { Weighing } from './weighing.js';
import { WeightOverrides } from './weight-overrides.js';

/** Says what a change of the effective config would do to frontends, as they would be decided now. Changes nothing. ADR 0040. */
@Injectable()
export class WeightPlans {
  constructor(
    private readonly inputs: FrontendInputs,
    private readonly frontends: FrontendBook,
    private readonly states: BackendStates,
    private readonly overrides: WeightOverrides,
    private readonly weighing: Weighing,
    private readonly clock: Clock,
  ) {}

  /** Throws `not-ready`. */
  plan({ changes, states }: WeightPlanQuestion): WeightPlan {
    if (!this.inputs.isReady)
      throw new CodedError('not-ready', 'balancer is still catching up with its records: try again');
    const changed = new ChangedConfig(changes);
    const nowMs = this.clock.now();
    const entering = new Map(states.map(({ backend, state }) => [backend, state]));
    const of: BackendStates['of'] = (backend, endpoint) => {
      const before = this.states.of(backend, endpoint);
      const state = entering.get(backend);
      return state === undefined ? before : entered(before, state, nowMs);
    };
    const touched = [...this.frontends.viewsAfter(changed, { of }, this.overrides)];
    const frontends = touched
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, view]) => {
        const memory = this.weighing.memoryOf(name);
        const policyPools = this.frontends.policyPoolsOf(name);
        return planFrontend({ name, memory, policyPools, view }, nowMs) ?? [];
      });
    return {
      frontends,
      vips: this.frontends.vips.outlook(changed),
      warnings: frontends.flatMap(weightWarnings),
    };
  }
}
