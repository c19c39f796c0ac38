import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OrderedQueue } from './ordered-queue.js';

describe('OrderedQueue', () => {
  it('gives the items in order after any adds and removes, and reading does not change it', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(30)));
    fc.assert(
      fc.property(steps, (given) => {
        const queue = new OrderedQueue<number>((a, b) => a < b);
        const model = new Set<number>();
        for (const [adds, item] of given) {
          if (adds) {
            queue.add(item);
            model.add(item);
          } else {
            queue.remove(item);
            model.delete(item);
          }
          const sorted = [...model].sort((a, b) => a - b);
          expect([...queue.ascending()]).toEqual(sorted);
          expect(queue.first()).toBe(sorted[0]);
          expect(queue.size).toBe(sorted.length);
        }
      }),
    );
  });
});
