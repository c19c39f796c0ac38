import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatTime, isTimestamp, timestampMs, timestampNs, ZERO_TIME } from './timestamp.js';

describe('timestampNs', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0n],
    ['1970-01-01t00:00:00.000000001z', 1n],
    ['1970-01-01T00:00:00.123456789Z', 123_456_789n],
    ['1970-01-01T00:00:00.1234567891234Z', 123_456_789n],
    ['1970-01-01T00:00:00.5Z', 500_000_000n],
    ['1969-12-31T23:59:59.999999999Z', -1n],
    ['1970-01-01T05:30:00+05:30', 0n],
    ['1969-12-31T16:00:00-08:00', 0n],
    ['1970-01-01T00:00:00-00:00', 0n],
    ['2024-02-29T00:00:00Z', 1_709_164_800_000_000_000n],
    ['2016-12-31T23:59:60Z', 1_483_228_800_000_000_000n],
    [ZERO_TIME, -62_135_596_800_000_000_000n],
  ])('reads %s', (text, ns) => {
    expect(timestampNs(text)).toBe(ns);
  });

  it.each([
    '',
    '2026-05-30',
    '2026-05-30 12:00:00Z',
    '2026-05-30T12:00:00',
    '2026-05-30T12:00Z',
    '2026-5-30T12:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-05-30T24:00:00Z',
    '2026-05-30T12:60:00Z',
    '2026-05-30T12:00:61Z',
    '2026-05-30T12:00:00.Z',
    '2026-05-30T12:00:00+24:00',
    '2026-05-30T12:00:00+01:60',
    '2026-05-30T12:00:00+0100',
    ' 2026-05-30T12:00:00Z',
    '2026-05-30T12:00:00Z\n',
    '1780142400',
  ])('refuses %j', (text) => {
    expect(timestampNs(text)).toBeUndefined();
    expect(isTimestamp(text)).toBe(false);
  });

  it('orders times as their instants are ordered, whatever their zones and fractions', () => {
    const instant = fc.record({
      ms: fc.integer({ min: -62_135_596_800_000, max: 253_402_214_400_000 }),
      ns: fc.integer({ min: 0, max: 999_999 }),
      zone: fc.integer({ min: -1439, max: 1439 }),
    });
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        const exact = (t: typeof a) => BigInt(t.ms) * 1_000_000n + BigInt(t.ns);
        expect(Math.sign(Number((timestampNs(written(a)) ?? 0n) - (timestampNs(written(b)) ?? 0n)))).toBe(
          Math.sign(Number(exact(a) - exact(b))),
        );
        expect(timestampNs(written(a))).toBe(exact(a));
      }),
    );
  });

  it('reads back what formatTime writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
        expect(timestampMs(formatTime(ms))).toBe(ms);
      }),
    );
  });
});

it('timestampMs throws on what is no time', () => {
  expect(() => timestampMs('yesterday')).toThrow(RangeError);
});

/** RFC 3339 text of an instant in a zone of so many minutes; years 1-9999 only. */
function written({ ms, ns, zone }: { ms: number; ns: number; zone: number }): string {
  const local = Math.min(Math.max(ms + zone * 60_000, -62_135_596_800_000), 253_402_300_799_999);
  const minutes = (local - ms) / 60_000;
  if (!Number.isInteger(minutes)) return written({ ms, ns, zone: 0 });
  const [date = '', fraction = ''] = new Date(local).toISOString().replace('Z', '').split('.');
  const sign = minutes < 0 ? '-' : '+';
  const offset = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((n) =>
    String(n).padStart(2, '0'),
  );
  return `${date}.${fraction}${String(ns).padStart(6, '0')}${sign}${offset.join(':')}`;
}
