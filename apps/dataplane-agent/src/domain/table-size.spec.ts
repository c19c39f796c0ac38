import { isPrime } from '@signalbox/contracts';
import { describe, expect, it } from '@jest/globals';
import { sourceHashTableSize, tableSizeFor, tableSizeWarning } from './table-size.js';

describe('the size of a table', () => {
  it.each([
    [0, 251],
    [2, 251],
    [3, 1_021],
    [10, 1_021],
    [11, 4_093],
    [40, 4_093],
    [41, 16_381],
    [655, 65_537],
    [1000, 262_139],
    [100_000, 4_194_301],
  ])('of %i targets is the first of a few primes that gives each 100 slots: %i', (targets, size) => {
    expect(tableSizeFor(targets)).toBe(size);
    expect(isPrime(size)).toBe(true);
  });

  it.each([
    [0, 4_093],
    [40, 4_093],
    [41, 16_381],
  ])('of source-hash with %i targets is never small: %i', (targets, size) => {
    expect(sourceHashTableSize(targets)).toBe(size);
  });

  it('is warned of below 100 slots a target, with the size to give', () => {
    expect(tableSizeWarning(1009, 10)).toBeUndefined();
    expect(tableSizeWarning(997, 10)).toBe(
      'the table of 997 slots is small for 10 targets: their shares differ, and more clients than needed move when ' +
        'one leaves; give it 1021 or more (100 a target)',
    );
  });
});
