import { type Alarm, coveringWindow, type NamedWindow, toldProject } from '@signalbox/contracts';
import type { FrontendMemory } from './frontend-view.js';

/** A frontend as it was decided last, and since when it is in its state. */
export type StandingFrontend = Pick<FrontendMemory, 'state'> & { readonly since: string };

/** One alarm per frontend that is down, silenced by the maintenance window that covers it. `nowMs`: milliseconds since 1970. */
export function frontendAlarms(
  frontends: ReadonlyMap<string, StandingFrontend>,
  windows: readonly NamedWindow[],
  nowMs: number,
): Alarm[] {
  return [...frontends]
    .filter(([, { state }]) => state === 'down')
    .map(([name, { since }]): Alarm => {
      const silencedBy = coveringWindow('frontends', name, windows, nowMs);
      const text = `frontend ${name} has no backend with an effective weight`;
      return {
        kind: 'frontend-down',
        name,
        ...toldProject(name),
        since,
        text,
        ...(silencedBy && { silencedBy }),
      };
    });
}
