import { describe, expect, it } from '@jest/globals';
import {
  INITIAL_STANDING,
  isRefused,
  OUTAGE_MS,
  peerChanged,
  PROBE_EVERY_MS,
  type PeerStanding,
  standingWaitMs,
  tryBegun,
  tryEnded,
} from './peer-standing.js';

const refusedAt = (nowMs: number): PeerStanding => tryEnded(INITIAL_STANDING, 'refused', nowMs);

describe('peer standing', () => {
  it('lets every fact through at first and after failures', () => {
    expect(standingWaitMs(INITIAL_STANDING, 0)).toBe(0);
    const failing = tryEnded(tryBegun(INITIAL_STANDING), 'retry', 10);
    expect(standingWaitMs(failing, 10)).toBe(0);
    expect(failing.failingSince).toBe(10);
    expect(tryEnded(failing, 'retry', 500).failingSince).toBe(10);
  });

  it('a refused peer gets one probe every 5 min', () => {
    const refused = refusedAt(1000);
    expect(isRefused(refused)).toBe(true);
    expect(standingWaitMs(refused, 1000)).toBe(PROBE_EVERY_MS);
    expect(standingWaitMs(refused, 1000 + PROBE_EVERY_MS)).toBe(0);
    const probing = tryBegun(refused);
    expect(standingWaitMs(probing, 1000 + PROBE_EVERY_MS)).toBe(Infinity);
    for (const verdict of ['refused', 'retry'] as const) {
      const again = tryEnded(probing, verdict, 1000 + PROBE_EVERY_MS);
      expect(standingWaitMs(again, 1000 + PROBE_EVERY_MS)).toBe(PROBE_EVERY_MS);
      expect(again.refusedSince).toBe(1000);
    }
  });

  it.each(['delivered', 'dead'] as const)('a probe that ends %s opens the way for all', (verdict) => {
    const open = tryEnded(tryBegun(refusedAt(0)), verdict, 9000);
    expect(isRefused(open)).toBe(false);
    expect(standingWaitMs(open, 9000)).toBe(0);
    expect(open.recoveredAt).toBe(9000);
  });

  it('a change of peer or secret asks for a probe at once', () => {
    const changed = peerChanged(refusedAt(0), 50);
    expect(standingWaitMs(changed, 50)).toBe(0);
    expect(isRefused(changed)).toBe(true);
    expect(changed.recoveredAt).toBe(50);
  });

  it('a success after an outage sets all waiting facts off, one between failures does not', () => {
    const failing = tryEnded(INITIAL_STANDING, 'retry', 0);
    expect(tryEnded(failing, 'delivered', OUTAGE_MS).recoveredAt).toBe(OUTAGE_MS);
    const brief = tryEnded(failing, 'delivered', OUTAGE_MS - 1);
    expect(brief.recoveredAt).toBe(-Infinity);
    expect(brief.failingSince).toBeUndefined();
    expect(tryEnded(INITIAL_STANDING, 'delivered', 9e9).recoveredAt).toBe(-Infinity);
  });
});
