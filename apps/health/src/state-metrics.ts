import { Injectable } from '@nestjs/common';
import { BACKEND_STATES } from '@signalbox/contracts';
import { Metrics } from '@signalbox/runtime';
import type { BackendWorker } from './backend-worker.js';

/** Gauges of the backends, computed at the scrape. Names and labels of reference maglev section 10. */
@Injectable()
export class StateMetrics {
  constructor(private readonly metrics: Metrics) {}

  /** Shows these backends from now on. */
  show(backends: () => Iterable<BackendWorker>, guardRaised: () => boolean): void {
    const labels = ['address', 'backend', 'healthcheck'];
    const state = this.metrics.gauge('maglev_backend_state', '1 for the state that the backend is in', [
      ...labels,
      'state',
    ]);
    const health = this.metrics.gauge('maglev_backend_health', 'Counter of the backend', labels);
    const enabled = this.metrics.gauge('maglev_backend_enabled', '0 while the backend is disabled', labels);
    const degraded = this.metrics.gauge(
      'signalbox_backend_degraded',
      '1 while the backend works, but not for long',
      labels,
    );
    const guard = this.metrics.gauge(
      'signalbox_mass_failure',
      '1 while transitions to down are held because too many fail at once',
    );
    const of = ({ address, name, check }: BackendWorker): Record<string, string> => ({
      address,
      backend: name,
      healthcheck: check?.name ?? '',
    });
    Object.assign(state, {
      collect: () => {
        state.reset();
        for (const worker of backends())
          for (const one of BACKEND_STATES)
            state.set({ ...of(worker), state: one }, worker.machine.state === one ? 1 : 0);
      },
    });
    this.each(health, backends, (worker) => [of(worker), worker.machine.counter]);
    this.each(enabled, backends, (worker) => [of(worker), worker.machine.state === 'disabled' ? 0 : 1]);
    this.each(degraded, backends, (worker) => [of(worker), worker.degraded === undefined ? 0 : 1]);
    Object.assign(guard, { collect: () => guard.set(guardRaised() ? 1 : 0) });
  }

  private each(
    gauge: ReturnType<Metrics['gauge']>,
    backends: () => Iterable<BackendWorker>,
    valueOf: (worker: BackendWorker) => [labels: Record<string, string>, value: number],
  ): void {
    Object.assign(gauge, {
      collect: () => {
        gauge.reset();
        for (const worker of backends()) gauge.set(...valueOf(worker));
      },
    });
  }
}
