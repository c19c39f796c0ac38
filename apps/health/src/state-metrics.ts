import { Injectable } from '@nestjs/common';
import { BACKEND_STATES, endpointText, readScopedName, toldProject } from '@signalbox/contracts';
import { labelText, Metrics, seriesLine } from '@signalbox/runtime';
import type { BackendWorker } from './backend-worker.js';
import { Checker } from './checker.js';
import { Verdicts } from './verdicts.js';

/** Gauges of the backends, computed at the scrape. Names and labels of reference maglev section 10. */
@Injectable()
export class StateMetrics {
  constructor(
    private readonly metrics: Metrics,
    private readonly checker: Checker,
    private readonly verdicts: Verdicts,
  ) {}

  /** Shows the backends from now on. */
  show(): void {
    const backends = (): Iterable<BackendWorker> => this.checker.backends.values();
    const state = 'maglev_backend_state';
    this.metrics.add({
      type: 'gauge',
      name: state,
      help: '1 for the state that the backend is in',
      *lines() {
        for (const worker of backends()) {
          const labels = labelsOf(worker);
          for (const one of BACKEND_STATES)
            yield seriesLine(
              state,
              labelText({ ...labels, state: one }),
              worker.machine.state === one ? 1 : 0,
            );
        }
      },
    });
    this.gauge(backends, 'maglev_backend_health', 'Counter of the backend', ({ machine }) => machine.counter);
    this.gauge(backends, 'maglev_backend_enabled', '0 while the backend is disabled', ({ machine }) =>
      machine.state === 'disabled' ? 0 : 1,
    );
    this.gauge(
      backends,
      'signalbox_backend_degraded',
      '1 while the backend works, but not for long',
      ({ degraded }) => (degraded === undefined ? 0 : 1),
    );
    const guard = this.metrics.gauge(
      'signalbox_mass_failure',
      '1 while transitions to down are held because too many fail at once',
    );
    Object.assign(guard, { collect: () => guard.set(this.verdicts.guardRaisedAtMs === undefined ? 0 : 1) });
  }

  private gauge(
    backends: () => Iterable<BackendWorker>,
    name: string,
    help: string,
    valueOf: (worker: BackendWorker) => number,
  ): void {
    this.metrics.add({
      type: 'gauge',
      name,
      help,
      *lines() {
        for (const worker of backends()) yield seriesLine(name, labelText(labelsOf(worker)), valueOf(worker));
      },
    });
  }
}

/** A backend in the default project has no label `project`: to Prometheus that is the same as an empty one. */
function labelsOf({ endpoint, name, check }: BackendWorker): Readonly<Record<string, string>> {
  return {
    address: endpointText(endpoint),
    backend: readScopedName(name).name,
    healthcheck: check ? readScopedName(check.name).name : '',
    ...toldProject(name),
  };
}
