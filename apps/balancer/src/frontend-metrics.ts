import { Injectable } from '@nestjs/common';
import { FRONTEND_STATES, type FrontendTarget, readScopedName, toldProject } from '@signalbox/contracts';
import { Metrics } from '@signalbox/runtime';
import { Discovery } from './discovery/discovery.js';
import { showSources } from './discovery/source-metrics.js';
import { FrontendBook } from './frontend-book.js';
import { showVips } from './vip-metrics.js';
import { Weighing } from './weighing.js';

/**
 * Gauges of the frontends, computed at the scrape; labels in alphabetical order. Reference maglev section 10. A
 * frontend of the default project has no label `project`: to Prometheus that is the same as an empty one.
 */
@Injectable()
export class FrontendMetrics {
  constructor(
    private readonly metrics: Metrics,
    private readonly weighing: Weighing,
    private readonly frontends: FrontendBook,
    private readonly discovery: Discovery,
  ) {}

  /** Shows the frontends, their VIPs and the sources of backends from now on. */
  show(): void {
    const { weighing, frontends } = this;
    const place = ['backend', 'frontend', 'pool', 'project'];
    const weight = this.metrics.gauge('maglev_frontend_pool_backend_weight', 'Configured weight', place);
    const effective = this.metrics.gauge(
      'signalbox_frontend_effective_weight',
      'Weight that the data plane must use now',
      place,
    );
    const state = this.metrics.gauge('signalbox_frontend_state', '1 for the state that the frontend is in', [
      'frontend',
      'project',
      'state',
    ]);
    const pool = this.metrics.gauge(
      'signalbox_frontend_active_pool',
      'Place of the active pool in the order of the pools, 0 first',
      ['frontend', 'project'],
    );
    showVips(this.metrics, frontends.vips);
    showSources(this.metrics, this.discovery);
    for (const [gauge, value] of [
      [weight, 'weight'],
      [effective, 'effective'],
    ] as const)
      Object.assign(gauge, {
        collect: () => {
          gauge.reset();
          for (const [frontend, { targets }] of weighing.present)
            for (const target of targets.values()) gauge.set(placeOf(frontend, target), target[value]);
        },
      });
    Object.assign(state, {
      collect: () => {
        state.reset();
        for (const [frontend, present] of weighing.present)
          for (const one of FRONTEND_STATES)
            state.set({ ...labelsOf(frontend), state: one }, present.state === one ? 1 : 0);
      },
    });
    Object.assign(pool, {
      collect: () => {
        pool.reset();
        for (const [frontend, { activePool }] of weighing.present)
          pool.set(labelsOf(frontend), Math.max(0, frontends.poolsOf(frontend).indexOf(activePool)));
      },
    });
  }
}

function placeOf(frontend: string, { backend, pool }: FrontendTarget): Record<string, string> {
  const { frontend: name, ...project } = labelsOf(frontend);
  return { backend: readScopedName(backend).name, frontend: name, pool, ...project };
}

function labelsOf(frontend: string): { readonly frontend: string; readonly project?: string } {
  return { frontend: readScopedName(frontend).name, ...toldProject(frontend) };
}
