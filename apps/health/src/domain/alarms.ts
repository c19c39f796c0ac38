import {
  type Alarm,
  type BackendState,
  coveringWindow,
  formatTime,
  type NamedWindow,
  toldProject,
} from '@signalbox/contracts';

/** A backend as far as alarms care. */
export interface WatchedBackend {
  /** Scoped, as those of `dependsOn`. */
  readonly name: string;
  readonly state: BackendState;
  /** When it entered its state. */
  readonly since: string;
  readonly detail: string;
  readonly dependsOn: readonly string[];
}

/**
 * What is wrong with backends now, by name. An alarm is silent in a maintenance window and while a backend that it
 * depends on is down itself. spec/health "State machine".
 */
export function backendAlarms(
  backends: ReadonlyMap<string, WatchedBackend>,
  windows: readonly NamedWindow[],
  nowMs: number,
): Alarm[] {
  const down = [...backends.values()].filter(({ state }) => state === 'down');
  return down
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, since, detail, dependsOn }): Alarm => {
      const cause = dependsOn.find((other) => backends.get(other)?.state === 'down');
      const silencedBy =
        coveringWindow('backends', name, windows, nowMs) ?? (cause && `Backend/${cause} is down`);
      const text = `backend ${name} is down: ${detail}`;
      return {
        kind: 'backend-down',
        name,
        ...toldProject(name),
        since,
        text,
        ...(silencedBy && { silencedBy }),
      };
    });
}

/** The alarm of probes that gave no verdict; `since` is that of the first one. */
export function shortageAlarm(
  backends: readonly { readonly cause: string; readonly detail: string }[],
  since: string,
): Alarm[] {
  const [first] = backends;
  if (!first) return [];
  const causes = [...new Set(backends.map(({ cause }) => cause))].sort().join(', ');
  const many =
    backends.length === 1 ? '1 backend keeps its state' : `${backends.length} backends keep their states`;
  const text = `the prober is short of something itself (${causes}): ${first.detail}; ${many} without a verdict`;
  return [{ kind: 'prober-short', name: 'health', since, text }];
}

/** The alarm of the global-failure guard. */
export function guardAlarm(sinceMs: number | undefined): Alarm[] {
  if (sinceMs === undefined) return [];
  const text =
    'many backends fail at once: transitions to down are held for one interval; look at our own network';
  return [{ kind: 'mass-failure', name: 'health', since: formatTime(sinceMs), text }];
}
