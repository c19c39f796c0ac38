import fc from 'fast-check';
import { spread } from './spread.mjs';

describe('two lists spread into one', () => {
  it('the few stand at equal distances among the many, the first in front', () => {
    expect(spread([1, 2, 3, 4, 5, 6], ['a', 'b'])).toEqual(['a', 1, 2, 'b', 3, 4, 5, 6]);
    expect(spread([], ['a', 'b'])).toEqual(['a', 'b']);
    expect(spread([1, 2], [])).toEqual([1, 2]);
    expect(spread([1], ['a', 'b'])).toEqual(['a', 1, 'b']);
  });

  it('all are there once, each list in its order', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(20), (lots, some) => {
        const many = Array.from({ length: lots }, (_none, at) => at);
        const few = Array.from({ length: some }, (_none, at) => `w${at}`);
        const all = spread(many, few);
        expect(all.filter((one) => typeof one === 'number')).toEqual(many);
        expect(all.filter((one) => typeof one === 'string')).toEqual(few);
      }),
    );
  });
});
