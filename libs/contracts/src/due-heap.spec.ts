import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DueHeap } from './due-heap.js';

describe('the due heap', () => {
  it('always knows the first time and what is due, as a sorted list would', () => {
    const operations = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 20 }), fc.option(fc.integer({ min: 0, max: 50 }))),
      { maxLength: 200, size: 'max' },
    );
    fc.assert(
      fc.property(operations, fc.integer({ min: 0, max: 50 }), (list, nowMs) => {
        const heap = new DueHeap();
        const plain = new Map<string, number>();
        for (const [index, dueMs] of list) {
          const source = `s${String(index).padStart(2, '0')}`;
          if (dueMs === null) {
            heap.delete(source);
            plain.delete(source);
          } else {
            heap.set(source, dueMs);
            plain.set(source, dueMs);
          }
          expect(heap.nextMs).toBe(plain.size === 0 ? undefined : Math.min(...plain.values()));
        }
        const due = [...plain]
          .filter(([, ms]) => ms <= nowMs)
          .sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
        expect(heap.dueBy(nowMs)).toEqual(due.map(([source]) => source));
      }),
      { numRuns: 40 },
    );
  });
});
