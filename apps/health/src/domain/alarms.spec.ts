import { describe, expect, it } from '@jest/globals';
import type { BackendState, NamedWindow } from '@signalbox/contracts';
import { backendAlarms, guardAlarm, type WatchedBackend } from './alarms.js';

const SINCE = '2026-05-30T12:00:00.000Z';
const NOW_MS = Date.parse('2026-05-30T12:30:00.000Z');

function watched(
  states: Readonly<Record<string, BackendState>>,
  dependsOn: readonly string[] = [],
): Map<string, WatchedBackend> {
  return new Map(
    Object.entries(states).map(([name, state]) => [
      name,
      {
        name,
        state,
        since: SINCE,
        detail: 'L4CON connection refused',
        dependsOn: name === 'web' ? dependsOn : [],
      },
    ]),
  );
}

function window(over: Partial<NamedWindow> = {}): NamedWindow {
  const hours = { from: '2026-05-30T12:00:00Z', to: '2026-05-30T13:00:00Z' };
  return { project: 'default', text: 'MaintenanceWindow/night', ...hours, ...over };
}

describe('alarms of backends', () => {
  it('are raised for what is down, and for nothing else', () => {
    const states = { web: 'down', a: 'up', b: 'paused', c: 'disabled', d: 'unknown' } as const;
    expect(backendAlarms(watched(states), [], NOW_MS)).toEqual([
      {
        kind: 'backend-down',
        name: 'web',
        since: SINCE,
        text: 'backend web is down: L4CON connection refused',
      },
    ]);
  });

  it.each<[string, NamedWindow, string | undefined]>([
    ['covers everything when it names nothing', window(), 'MaintenanceWindow/night'],
    ['says why', window({ reason: 'new switch' }), 'MaintenanceWindow/night: new switch'],
    ['covers what it names', window({ backends: ['web'] }), 'MaintenanceWindow/night'],
    ['does not cover others', window({ backends: ['db'] }), undefined],
    ['of frontends does not cover backends', window({ frontends: ['web'] }), undefined],
    ['is over at its end', window({ to: '2026-05-30T12:30:00Z' }), undefined],
    ['has begun at its begin', window({ from: '2026-05-30T12:30:00Z' }), 'MaintenanceWindow/night'],
    ['has not begun before', window({ from: '2026-05-30T12:30:01Z' }), undefined],
  ])('a maintenance window %s', (_what, one, silencedBy) => {
    expect(backendAlarms(watched({ web: 'down' }), [one], NOW_MS)[0]?.silencedBy).toBe(silencedBy);
  });

  it('are silent while what the backend depends on is down itself', () => {
    const both = backendAlarms(watched({ db: 'down', web: 'down' }, ['db']), [], NOW_MS);
    expect(both.map(({ name, silencedBy }) => [name, silencedBy])).toEqual([
      ['db', undefined],
      ['web', 'Backend/db is down'],
    ]);
    const [alone] = backendAlarms(watched({ db: 'up', web: 'down' }, ['db']), [], NOW_MS);
    expect(alone?.silencedBy).toBeUndefined();
  });
});

it('the alarm of the guard says since when', () => {
  expect(guardAlarm(undefined)).toEqual([]);
  expect(guardAlarm(NOW_MS)).toMatchObject([{ kind: 'mass-failure', since: '2026-05-30T12:30:00.000Z' }]);
});
