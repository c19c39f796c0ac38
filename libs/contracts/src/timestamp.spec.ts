import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  formatTime,
  isTimestamp,
  isWireTime,
  isZeroTime,
  timestampMs,
  timestampNs,
  ZERO_TIME,
} from './timestamp.js';

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

/**
 * Text, nanoseconds as Go 1.26 reads it (`json.Unmarshal` into a `time.Time`, which is what a routerd peer does with a
 * pushed body; `time.Parse(time.RFC3339, …)` says the same for every row), and why we refuse what it accepts.
 */
const AS_GO_READS: readonly (readonly [text: string, go: bigint | undefined, ourReason?: string])[] = [
  ['2026-05-30T12:00:00Z', 1_780_142_400_000_000_000n],
  ['2026-05-30T12:00:00.5Z', 1_780_142_400_500_000_000n],
  ['2026-05-30T12:00:00.000000001Z', 1_780_142_400_000_000_001n],
  ['2026-05-30T12:00:00.123456789Z', 1_780_142_400_123_456_789n],
  ['2026-05-30T12:00:00.1234567891234Z', 1_780_142_400_123_456_789n],
  ['2026-05-30T12:00:00.12345678901234567890123456789012345678901234567890Z', 1_780_142_400_123_456_789n],
  ['2026-05-30T12:00:00,5Z', 1_780_142_400_500_000_000n, 'a comma is not in the grammar of RFC 3339'],
  ['2026-05-30T12:00:00.Z', undefined],
  ['2026-05-30T12:00:00+00:00', 1_780_142_400_000_000_000n],
  ['2026-05-30T12:00:00-00:00', 1_780_142_400_000_000_000n],
  ['2026-05-30T12:00:00+05:30', 1_780_122_600_000_000_000n],
  ['2026-05-30T12:00:00-08:00', 1_780_171_200_000_000_000n],
  ['2026-05-30T12:00:00.25+14:00', 1_780_092_000_250_000_000n],
  ['2026-05-30T12:00:00+23:59', 1_780_056_060_000_000_000n],
  ['2026-05-30T12:00:00-23:59', 1_780_228_740_000_000_000n],
  [
    '2026-05-30T12:00:00+24:00',
    1_780_056_000_000_000_000n,
    'an offset of a day is not in the grammar of RFC 3339',
  ],
  [
    '2026-05-30T12:00:00+01:60',
    1_780_135_200_000_000_000n,
    '60 minutes in an offset is not in the grammar of RFC 3339',
  ],
  ['2026-05-30T12:00:00+0100', undefined],
  ['2026-05-30T12:00:00+01', undefined],
  ['2026-05-30T12:00:00+1:00', undefined],
  ['2026-05-30T12:00:00+01:00:00', undefined],
  ['2026-05-30T12:00:00−01:00', undefined],
  ['2026-05-30t12:00:00Z', undefined],
  ['2026-05-30T12:00:00z', undefined],
  ['2026-05-30t12:00:00z', undefined],
  ['2026-05-30T12:00:00.5z', undefined],
  ['2026-05-30 12:00:00Z', undefined],
  ['2026-05-30_12:00:00Z', undefined],
  ['2026-05-30T12:00:00', undefined],
  ['2026-05-30T12:00Z', undefined],
  ['2026-05-30T12Z', undefined],
  ['2026-05-30', undefined],
  ['2026-05-30T12:00:00 Z', undefined],
  ['2026-05-30T12:00:00UTC', undefined],
  ['2026-05-30T12:00:00 UTC', undefined],
  ['2026-05-30T12:00:00+01:00[Europe/Paris]', undefined],
  [
    '2026-05-30T1:00:00Z',
    1_780_102_800_000_000_000n,
    'one digit of an hour is not in the grammar of RFC 3339',
  ],
  ['2026-5-30T12:00:00Z', undefined],
  ['2026-05-3T12:00:00Z', undefined],
  ['2026-05-30T12:0:00Z', undefined],
  ['2026-05-30T12:00:0Z', undefined],
  ['26-05-30T12:00:00Z', undefined],
  ['12026-05-30T12:00:00Z', undefined],
  ['+002026-05-30T12:00:00Z', undefined],
  ['-0001-05-30T12:00:00Z', undefined],
  ['20260530T120000Z', undefined],
  ['2026-W22-6T12:00:00Z', undefined],
  ['2026-150T12:00:00Z', undefined],
  ['2016-12-31T23:59:60Z', undefined],
  ['2017-01-01T00:59:60+01:00', undefined],
  ['2026-05-30T12:00:60Z', undefined],
  ['2026-05-30T12:00:61Z', undefined],
  ['2026-05-30T12:60:00Z', undefined],
  ['2026-05-30T24:00:00Z', undefined],
  ['2026-05-30T24:00:01Z', undefined],
  ['2026-05-30T25:00:00Z', undefined],
  ['2026-05-00T12:00:00Z', undefined],
  ['2026-05-32T12:00:00Z', undefined],
  ['2026-04-31T12:00:00Z', undefined],
  ['2026-02-29T12:00:00Z', undefined],
  ['2024-02-29T12:00:00Z', 1_709_208_000_000_000_000n],
  ['1900-02-29T12:00:00Z', undefined],
  ['2000-02-29T12:00:00Z', 951_825_600_000_000_000n],
  ['2026-00-30T12:00:00Z', undefined],
  ['2026-13-30T12:00:00Z', undefined],
  ['0000-01-01T00:00:00Z', -62_167_219_200_000_000_000n],
  ['0000-02-29T00:00:00Z', -62_162_121_600_000_000_000n],
  ['0001-01-01T00:00:00Z', -62_135_596_800_000_000_000n],
  ['0001-01-01T00:00:00+01:00', -62_135_600_400_000_000_000n],
  ['1582-10-10T00:00:00Z', -12_219_724_800_000_000_000n],
  ['9999-12-31T23:59:59.999999999Z', 253_402_300_799_999_999_999n],
  ['9999-12-31T23:59:59-01:00', 253_402_304_399_000_000_000n],
  ['1970-01-01T00:00:00Z', 0n],
  ['1969-12-31T23:59:59.999999999Z', -1n],
  ['2026-05-30T12:00:00Z\n', undefined],
  ['\t2026-05-30T12:00:00Z', undefined],
  [' 2026-05-30T12:00:00Z', undefined],
  ['2026-05-30T12:00:00Z ', undefined],
  ['２０２６-05-30T12:00:00Z', undefined],
  ['2026/05/30T12:00:00Z', undefined],
  ['2026-05-30T12.00.00Z', undefined],
  ['2026-05-30T12:00:00.-5Z', undefined],
  ['2026-05-30T12:00:00.5', undefined],
  ['2026-05-30T12:00:00+', undefined],
  ['2026-05-30T-1:00:00Z', undefined],
  ['2026-05-30T12:00:00.5.5Z', undefined],
  ['1780142400', undefined],
  ['now', undefined],
  ['', undefined],
  ['null', undefined],
  ['Sat, 30 May 2026 12:00:00 GMT', undefined],
  ['2026-05-30T12:00:00Z2026-05-30T12:00:00Z', undefined],
  ['2026-05-30T12:00:00ZZ', undefined],
  ['2026-05-30T12:00:00Z+01:00', undefined],
  ['2026-05-30T12:00:00\u0000Z', undefined],
];

describe('isWireTime', () => {
  it.each(AS_GO_READS.map(([text, go, reason]) => ({ text, go, reason })))(
    'X6 judges $text as Go does, or has a reason',
    ({ text, go, reason }) => {
      const accepted = isWireTime(text);
      expect(accepted).toBe(go !== undefined && reason === undefined);
      if (accepted) expect(timestampNs(text)).toBe(go);
    },
  );

  it('X6 reads what formatTime writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
        expect(isWireTime(formatTime(ms))).toBe(true);
      }),
    );
  });

  it.each([ZERO_TIME, '0001-01-01T00:00:00.000Z', '0001-01-01T01:00:00+01:00'])(
    '%s is the zero time',
    (text) => {
      expect(isZeroTime(text)).toBe(true);
      expect(isZeroTime('0001-01-01T00:00:01Z')).toBe(false);
    },
  );
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
