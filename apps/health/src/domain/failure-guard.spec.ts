import { beforeEach, describe, expect, it } from '@jest/globals';
import { FailureGuard, GUARDED_BACKENDS } from './failure-guard.js';

const INTERVAL_MS = 1000;

function names(count: number): string[] {
  return Array.from({ length: count }, (_one, index) => `b${index}`);
}

describe('the global-failure guard at 50 percent', () => {
  let guard: FailureGuard;

  function given(count: number): string[] {
    for (const name of names(count))
      guard.note(name, { isUp: true, failed: false, intervalMs: INTERVAL_MS }, 0);
    return names(count);
  }

  function fails(name: string, nowMs: number): void {
    guard.note(name, { isUp: true, failed: true, intervalMs: INTERVAL_MS }, nowMs);
  }

  function goesDown(name: string, nowMs: number): void {
    guard.note(name, { isUp: false, failed: true, intervalMs: INTERVAL_MS }, nowMs);
  }

  beforeEach(() => {
    guard = new FailureGuard(50);
  });

  it('lets single failures through', () => {
    const [first] = given(10);
    fails(first!, 10);
    expect(guard.mayGoDown(first!, INTERVAL_MS, 10)).toBe(true);
    expect(guard.raisedAt(10)).toBeUndefined();
  });

  it('lets exactly half of them through, and holds when it is more', () => {
    const all = given(10);
    for (const name of all.slice(0, 5)) fails(name, 10);
    expect(guard.mayGoDown('b0', INTERVAL_MS, 10)).toBe(true);
    fails('b5', 11);
    expect(guard.mayGoDown('b1', INTERVAL_MS, 12)).toBe(false);
    expect(guard.raisedAt(12)).toBe(12);
  });

  it('holds for one interval of the backend, then lets it go down', () => {
    for (const name of given(10)) fails(name, 10);
    expect(guard.mayGoDown('b0', INTERVAL_MS, 10)).toBe(false);
    // the next probe is due an interval later, or a tenth of it sooner
    const soonestMs = 10 + 0.9 * INTERVAL_MS;
    expect(guard.heldUntil('b0')).toBe(soonestMs);
    expect(guard.mayGoDown('b0', INTERVAL_MS, soonestMs - 1)).toBe(false);
    expect(guard.mayGoDown('b0', INTERVAL_MS, soonestMs)).toBe(true);
  });

  it('lowers the alarm and frees everybody when they recover', () => {
    const all = given(10);
    for (const name of all) fails(name, 10);
    expect(guard.mayGoDown('b0', INTERVAL_MS, 10)).toBe(false);
    for (const name of all) guard.note(name, { isUp: true, failed: false, intervalMs: INTERVAL_MS }, 20);
    expect(guard.raisedAt(20)).toBeUndefined();
    expect(guard.heldUntil('b0')).toBeUndefined();
  });

  it('counts those that just went down, and not those that did so long ago', () => {
    const all = given(12);
    for (const name of all.slice(0, 6)) {
      fails(name, 0);
      goesDown(name, 0);
    }
    fails('b6', 500);
    expect(guard.mayGoDown('b6', INTERVAL_MS, 500)).toBe(false);
    // an interval later the six are history: one of the six that are left fails, which is no mass failure
    expect(guard.mayGoDown('b6', INTERVAL_MS, INTERVAL_MS + 1)).toBe(true);
  });

  it('guards no fewer than ten', () => {
    for (const name of given(GUARDED_BACKENDS - 1)) fails(name, 10);
    expect(guard.mayGoDown('b0', INTERVAL_MS, 10)).toBe(true);
  });

  it('is off at 100 percent', () => {
    guard.setPercent(100);
    for (const name of given(20)) fails(name, 10);
    expect(guard.mayGoDown('b0', INTERVAL_MS, 10)).toBe(true);
  });

  it('forgets backends that are paused, disabled or gone', () => {
    const all = given(10);
    for (const name of all) fails(name, 10);
    for (const name of all.slice(1)) guard.forget(name, 11);
    expect(guard.mayGoDown('b0', INTERVAL_MS, 12)).toBe(true);
  });
});
