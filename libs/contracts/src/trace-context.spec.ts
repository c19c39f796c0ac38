import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { followingPlace, placeOfRun, readTraceparent, traceparentOf } from './trace-context.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const GIVEN = `00-${TRACE}-${SPAN}-01`;

const hex = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 15 }), { minLength: length, maxLength: length })
    .map((digits) => digits.map((digit) => digit.toString(16)).join(''))
    .filter((text) => !/^0+$/.test(text));

describe('traceparent', () => {
  it('says trace, span and whether it is sampled', () => {
    expect(readTraceparent(GIVEN)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: true });
    expect(readTraceparent(`00-${TRACE}-${SPAN}-02`)).toMatchObject({ isSampled: false });
    expect(readTraceparent(`cc-${TRACE}-${SPAN}-03-more`)).toMatchObject({ isSampled: true });
  });

  it.each([
    undefined,
    '',
    'x',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}`,
    `${GIVEN}\n`,
    ` ${GIVEN}`,
  ])('%j is none', (text) => {
    expect(readTraceparent(text)).toBeUndefined();
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, isSampled) => {
        const place = { traceId, spanId, isSampled };
        expect(readTraceparent(traceparentOf(place))).toEqual(place);
      }),
    );
  });
});

describe('what follows', () => {
  const place = readTraceparent(GIVEN)!;

  it('stays in the trace, and is the same each time', () => {
    const next = followingPlace(place, 'deliver', 'g', 'evt-1', 2);
    expect(next).toMatchObject({ traceId: TRACE, isSampled: true });
    expect(readTraceparent(traceparentOf(next))).toEqual(next);
    expect(followingPlace(place, 'deliver', 'g', 'evt-1', 2)).toEqual(next);
    expect(followingPlace(place, 'deliver', 'g', 'evt-1', 3).spanId).not.toBe(next.spanId);
  });

  it('of a run is in the trace of its first fact that has one', () => {
    const order = { runId: 'r', attempt: 1, facts: [{}, { traceparent: 'x' }, { traceparent: GIVEN }] };
    expect(placeOfRun(order, 'plan')).toEqual(followingPlace(place, 'plan', 'r', 1));
    expect(placeOfRun({ ...order, facts: [{}] }, 'run')).toBeUndefined();
  });
});
