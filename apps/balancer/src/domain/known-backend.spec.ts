import { describe, expect, it } from '@jest/globals';
import type { BackendRecord, BackendState } from '@signalbox/contracts';
import { NOON, SECOND } from './given.fixture.js';
import { applyBackendRecord, entered, type KnownBackend, memberState } from './known-backend.js';

const PLACE = { address: '10.0.0.1', port: 80 };

function aRecord(version: number, from: BackendState | undefined, to: BackendState): BackendRecord {
  const at = new Date(NOON + version * SECOND).toISOString();
  const result = { ok: to === 'up', code: 'L4OK', detail: '' } as const;
  return { backend: 'nginx1', version, at, ...(from && { from }), to, since: at, result, ...PLACE };
}

/** What is known after a backend was in these states, one after the other. */
function after(...states: readonly [BackendState, ...BackendState[]]): KnownBackend | undefined {
  return states.reduce<KnownBackend | undefined>(
    (known, to, at) => applyBackendRecord(known, aRecord(at + 1, states[at - 1], to)),
    undefined,
  );
}

const isFirstUp = (known: KnownBackend | undefined) => memberState(known, PLACE).isFirstUp === true;

describe('applyBackendRecord', () => {
  it('keeps state, time and endpoint of the newest record, in whatever order they come', () => {
    const known = after('unknown', 'up');
    expect(known).toMatchObject({ version: 2, state: 'up', sinceMs: NOON + 2 * SECOND, endpoint: PLACE });
    expect(applyBackendRecord(known, aRecord(2, 'up', 'down'))).toBe(known);
    expect(applyBackendRecord(known, aRecord(1, undefined, 'unknown'))).toBe(known);
  });

  it('keeps out of which state a state came while only the check or the address changes', () => {
    expect(after('unknown', 'up', 'up', 'up')).toMatchObject({ version: 4, cameFrom: 'unknown' });
    expect(after('unknown', 'down', 'up', 'up')).toMatchObject({ version: 4, cameFrom: 'down' });
  });

  it('does not say out of which state when no record tells', () => {
    expect(applyBackendRecord(undefined, aRecord(7, 'up', 'up'))).not.toHaveProperty('cameFrom');
  });
});

describe('memberState', () => {
  it.each<[string, boolean, readonly [BackendState, ...BackendState[]]]>([
    ['the first result', true, ['unknown', 'up']],
    ['the first result, merged with the start', true, ['up']],
    ['resumed', true, ['unknown', 'up', 'paused', 'unknown', 'up']],
    ['enabled, merged with the result', true, ['unknown', 'up', 'disabled', 'up']],
    ['its check edited afterwards', true, ['unknown', 'up', 'up']],
    ['recovered', false, ['unknown', 'up', 'down', 'up']],
    ['recovered, its check edited afterwards', false, ['unknown', 'up', 'down', 'up', 'up']],
    ['failed at first', false, ['unknown', 'down', 'up']],
    ['not up', false, ['unknown']],
    ['down', false, ['unknown', 'down']],
  ])('up for the first time: %s → %s', (_name, expected, states) => {
    expect(isFirstUp(after(...states))).toBe(expected);
  });

  it('is not up for the first time when no record tells where it came from: then it waits', () => {
    expect(isFirstUp(applyBackendRecord(undefined, aRecord(7, 'up', 'up')))).toBe(false);
  });

  it.each([{ address: '10.0.0.2', port: 80 }, { address: '10.0.0.1', port: 81 }, { address: '10.0.0.1' }])(
    'does not carry a state over to another place (%j), but what an operator wants',
    (place) => {
      const other = (known: KnownBackend | undefined) => memberState(known, place);
      expect(other(after('unknown', 'up'))).toEqual({ state: 'unknown', sinceMs: NOON + 2 * SECOND });
      expect(other(after('unknown', 'down')).state).toBe('unknown');
      expect(other(after('unknown', 'paused')).state).toBe('paused');
    },
  );

  it('begins a new life behind its removal, also when its versions begin anew', () => {
    const again = applyBackendRecord(after('unknown', 'up', 'removed'), aRecord(1, undefined, 'unknown'));
    expect(again).toMatchObject({ version: 1, state: 'unknown', cameFrom: 'new' });
  });

  it('is missing without an address, unknown without a record or when it was removed before', () => {
    expect(memberState(after('unknown', 'up'), undefined).state).toBe('missing');
    expect(memberState(undefined, PLACE)).toEqual({ state: 'unknown', sinceMs: 0 });
    expect(memberState(after('unknown', 'removed'), PLACE).state).toBe('unknown');
  });
});

describe('a backend that enters a state', () => {
  const now = 1000;

  it('is in it since now, up for the first time unless it was down', () => {
    expect(entered({ state: 'up', sinceMs: 1 }, 'disabled', now)).toEqual({
      state: 'disabled',
      sinceMs: now,
    });
    expect(entered({ state: 'unknown', sinceMs: 0 }, 'up', now)).toEqual({
      ...{ state: 'up', sinceMs: now, isFirstUp: true },
    });
    expect(entered({ state: 'down', sinceMs: 1 }, 'up', now)).toEqual({ state: 'up', sinceMs: now });
  });

  it('stays as it is when it is in it already, or is not in the config', () => {
    const up = { state: 'up' as const, sinceMs: 1 };
    expect(entered(up, 'up', now)).toBe(up);
    expect(entered({ state: 'missing', sinceMs: 1 }, 'up', now)).toEqual({ state: 'missing', sinceMs: 1 });
  });
});
