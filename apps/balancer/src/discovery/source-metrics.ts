import { readScopedName, SOURCE_STATES } from '@signalbox/contracts';
import type { Metrics } from '@signalbox/runtime';
import type { Discovery } from './discovery.js';

/** Shows gauges of the BackendSources from now on, computed at the scrape. */
export function showSources(metrics: Metrics, discovery: Discovery): void {
  const backends = metrics.gauge(
    'signalbox_source_backends',
    'Backends in pools that a BackendSource brings, by whether they get something new (serving) or not (draining)',
    ['source', 'project', 'state'],
  );
  const sources = metrics.gauge('signalbox_sources', 'BackendSources by state', ['state']);
  const wrong = metrics.gauge(
    'signalbox_source_wrong',
    'Whether a BackendSource is unavailable for too long, held_back, or has a part that is rejected',
    ['source', 'project', 'what'],
  );
  const collect = (): void => {
    backends.reset();
    wrong.reset();
    const counts = new Map(SOURCE_STATES.map((state) => [state, 0]));
    for (const { status, isAway } of discovery.statuses()) {
      const { state, endpoints, draining, heldBack, rejected } = status;
      const { name: source, project } = readScopedName(status.source);
      counts.set(state, counts.get(state)! + 1);
      backends.set({ source, project, state: 'serving' }, endpoints - draining);
      backends.set({ source, project, state: 'draining' }, draining);
      wrong.set({ source, project, what: 'unavailable' }, Number(isAway));
      wrong.set({ source, project, what: 'held_back' }, Number(heldBack !== undefined));
      wrong.set({ source, project, what: 'rejected' }, Number(rejected !== undefined));
    }
    for (const [state, count] of counts) sources.set({ state }, count);
  };
  Object.assign(backends, { collect });
  // the other gauges are set with it, whichever is read first
  Object.assign(sources, { collect });
  Object.assign(wrong, { collect });
}
