import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countFlushes, type PlacedTarget } from './flush-count.js';

const at = (weight: number, flush = false, address = '10.0.0.1', port = 80): PlacedTarget => ({
  address,
  port,
  weight,
  flush,
});

/** The numbers of one target that goes through these states. */
function counted(...states: PlacedTarget[]): number[] {
  let before: ReturnType<typeof countFlushes> | undefined;
  return states.map((state) => {
    before = countFlushes([state], before);
    return before[0]!.flushes;
  });
}

describe('how often connections are to be cut', () => {
  it('is once for each entry into such a state', () => {
    expect(counted(at(100), at(0, true), at(100), at(0), at(0, true))).toEqual([0, 1, 1, 1, 2]);
  });

  it('R6 is once for a standby that is disabled, although it had no weight', () => {
    expect(counted(at(0), at(0, true))).toEqual([0, 1]);
  });

  it('R7 stays while the target stays', () => {
    expect(counted(at(0, true), at(0, true), at(0, true))).toEqual([1, 1, 1]);
    const steady = countFlushes([at(0, true)]);
    expect(countFlushes([at(0, true)], steady)).toEqual(steady);
  });

  it('is counted for each address and port, however the address is spelled', () => {
    const first = countFlushes([at(0, true, '2001:db8::1'), at(0, true, '2001:db8::1', 81)]);
    const second = [at(9, false, '2001:DB8:0::1'), at(0, true, '2001:DB8:0::1', 81)];
    expect(countFlushes(second, first).map(({ flushes }) => flushes)).toEqual([1, 1]);
  });

  it('begins anew for a target that comes back', () => {
    const gone = countFlushes([], countFlushes([at(0, true)]));
    expect(countFlushes([at(100)], gone)[0]!.flushes).toBe(0);
  });

  it('is the number of times that the state became one', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1 }), (flushes) => {
        const entries = flushes.filter((flush, index) => flush && flushes[index - 1] !== true).length;
        expect(counted(...flushes.map((flush) => at(flush ? 0 : 50, flush))).at(-1)).toBe(entries);
      }),
    );
  });
});
