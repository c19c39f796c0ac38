import { describe, expect, it } from '@jest/globals';
import type { FrontendState } from '@signalbox/contracts';
import { frontendAlarms, type StandingFrontend } from './frontend-alarms.js';
import { NOON } from './given.fixture.js';

const SINCE = '2026-05-30T11:00:00.000Z';

function standing(states: Readonly<Record<string, FrontendState>>): Map<string, StandingFrontend> {
  return new Map(Object.entries(states).map(([name, state]) => [name, { state, since: SINCE }]));
}

describe('alarms of frontends', () => {
  it('are raised for what is down, and for nothing else', () => {
    expect(frontendAlarms(standing({ web: 'down', shop: 'up', new: 'unknown' }), [], NOON)).toEqual([
      {
        kind: 'frontend-down',
        name: 'web',
        since: SINCE,
        text: 'frontend web has no backend with an effective weight',
      },
    ]);
  });

  it('are silent in a maintenance window of the frontend', () => {
    const night = {
      project: 'default',
      text: 'MaintenanceWindow/night',
      from: '2026-05-30T12:00:00Z',
      to: '2026-05-30T13:00:00Z',
      frontends: ['web'],
    };
    const alarms = frontendAlarms(standing({ web: 'down', shop: 'down' }), [night], NOON);
    expect(alarms.map(({ name, silencedBy }) => [name, silencedBy])).toEqual([
      ['web', 'MaintenanceWindow/night'],
      ['shop', undefined],
    ]);
  });
});
