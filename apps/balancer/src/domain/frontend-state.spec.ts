import { describe, expect, it } from '@jest/globals';
import { frontendState, type StandingMember } from './frontend-state.js';
import { decideFrontend } from './frontend-view.js';
import { aFrontend, aMember, NOON } from './given.fixture.js';

describe('frontendState', () => {
  it.each<[string, StandingMember[], string]>([
    [
      'one of them gets traffic',
      [
        { state: 'down', effective: 0 },
        { state: 'up', effective: 1 },
      ],
      'up',
    ],
    ['one gets traffic although nothing is known', [{ state: 'unknown', effective: 100 }], 'up'],
    ['nothing is known', [{ state: 'unknown', effective: 0 }], 'unknown'],
    ['there are no members', [], 'unknown'],
    [
      'one of them is known',
      [
        { state: 'unknown', effective: 0 },
        { state: 'paused', effective: 0 },
      ],
      'down',
    ],
    ['none of them gets traffic', [{ state: 'down', effective: 0 }], 'down'],
    ['the only one is not in the config', [{ state: 'missing', effective: 0 }], 'down'],
  ])('%s', (_what, members, state) => {
    expect(frontendState(members)).toBe(state);
  });

  it('R13 is down when backends are up and all effective weights are 0', () => {
    const view = aFrontend([[aMember('nginx1', { weight: 0 })], [aMember('nginx2')]]);
    const decision = decideFrontend(view, undefined, NOON);
    expect(decision.targets.map(({ effective }) => effective)).toEqual([0, 0]);
    expect(decision.state).toBe('down');
  });

  it('R13 is up when a fallback serves although others are disabled or have weight 0', () => {
    const primary = [aMember('nginx1', { state: 'disabled' }), aMember('nginx2', { weight: 0 })];
    const view = aFrontend([primary, [aMember('nginx3')]], { poolActivation: 'up-weighted' });
    expect(decideFrontend(view, undefined, NOON).state).toBe('up');
  });
});
