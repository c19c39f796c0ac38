import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { dueAt, type OpenChanges, withChange } from './quiescence.js';

const SPEC = { minWait: '1s', maxWait: '5s' };

/** When a sink writes that is told of changes at these times, and looks at its clock whenever it is due. */
function writesOf(times: readonly number[], spec = SPEC): number[] {
  const writes: number[] = [];
  let open: OpenChanges | undefined;
  for (const now of times) {
    if (open && dueAt(open, spec) <= now) {
      writes.push(dueAt(open, spec));
      open = undefined;
    }
    open = withChange(open, now);
  }
  if (open) writes.push(dueAt(open, spec));
  return writes;
}

describe('quiescence', () => {
  it('waits until nothing has changed for minWait', () => {
    expect(writesOf([0, 400, 1200])).toEqual([2200]);
    expect(writesOf([0, 1500])).toEqual([1000, 2500]);
  });

  it('waits no longer than maxWait', () => {
    expect(writesOf([0, 900, 1800, 2700, 3600, 4500, 5400])).toEqual([5000, 6400]);
  });

  it('writes 1s after a change, and after at most 10s, when nothing is said', () => {
    expect(dueAt({ firstAt: 0, lastAt: 0 }, {})).toBe(1000);
    expect(dueAt({ firstAt: 0, lastAt: 9900 }, {})).toBe(10_000);
  });

  it('lets no change wait longer than maxWait, and brings no two writes closer than minWait', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 60 });
    const waits = fc.tuple(fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 0, max: 4000 }));
    fc.assert(
      fc.property(gaps, waits, (steps, [least, more]) => {
        const spec = { minWait: `${least}ms`, maxWait: `${least + more}ms` };
        let now = 0;
        const times = steps.map((step) => (now += step));
        const writes = writesOf(times, spec);
        for (const time of times) {
          const write = writes.find((one) => one >= time);
          expect(write).toBeDefined();
          expect(write! - time).toBeLessThanOrEqual(least + more);
        }
        for (const [at, write] of writes.entries())
          if (at > 0) expect(write - writes[at - 1]!).toBeGreaterThanOrEqual(least);
      }),
    );
  });
});
