import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ExpiryHeap } from './expiry-heap.js';

describe('the expiry heap', () => {
  it('always knows the first end and what is due, as a sorted list would', () => {
    const operations = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 20 }), fc.option(fc.integer({ min: 0, max: 50 }))),
      { maxLength: 200, size: 'max' },
    );
    fc.assert(
      fc.property(operations, fc.integer({ min: 0, max: 50 }), (list, nowMs) => {
        const heap = new ExpiryHeap();
        const plain = new Map<string, number>();
        for (const [index, expiresMs] of list) {
          const source = `s${String(index).padStart(2, '0')}`;
          if (expiresMs === null) {
            heap.delete(source);
            plain.delete(source);
          } else {
            heap.set(source, expiresMs);
            plain.set(source, expiresMs);
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
