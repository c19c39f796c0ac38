import { Injectable } from '@nestjs/common';
import { FRONTEND_STATES } from '@signalbox/contracts';
import { Metrics } from '@signalbox/runtime';
import { FrontendBook } from './frontend-book.js';
import { Weighing } from './weighing.js';

/** Gauges of the frontends, computed at the scrape; labels in alphabetical order. Reference maglev section 10. */
@Injectable()
export class FrontendMetrics {
  constructor(
    private readonly metrics: Metrics,
    private readonly weighing: Weighing,
    private readonly frontends: FrontendBook,
  ) {}

  /** Shows the frontends from now on. */
  show(): void {
    const { weighing, frontends } = this;
    const place = ['backend', 'frontend', 'pool'];
    const weight = this.metrics.gauge('maglev_frontend_pool_backend_weight', 'Configured weight', place);
    const effective = this.metrics.gauge(
      'signalbox_frontend_effective_weight',
      'Weight that the data plane must use now',
      place,
    );
    const state = this.metrics.gauge('signalbox_frontend_state', '1 for the state that the frontend is in', [
      'frontend',
      'state',
    ]);
    const pool = this.metrics.gauge(
      'signalbox_frontend_active_pool',
      'Place of the active pool in the order of the pools, 0 first',
      ['frontend'],
    );
    for (const [gauge, value] of [
      [weight, 'weight'],
      [effective, 'effective'],
    ] as const)
      Object.assign(gauge, {
        collect: () => {
          gauge.reset();
          for (const [frontend, { targets }] of weighing.present)
            for (const target of targets.values())
              gauge.set({ backend: target.backend, frontend, pool: target.pool }, target[value]);
        },
      });
    Object.assign(state, {
      collect: () => {
        state.reset();
        for (const [frontend, present] of weighing.present)
          for (const one of FRONTEND_STATES)
            state.set({ frontend, state: one }, present.state === one ? 1 : 0);
      },
    });
    Object.assign(pool, {
      collect: () => {
        pool.reset();
        for (const [frontend, { activePool }] of weighing.present)
          pool.set({ frontend }, Math.max(0, frontends.poolsOf(frontend).indexOf(activePool)));
      },
    });
  }
}
