import { expect, it } from '@jest/globals';
import { isPrime } from './prime.js';

it('tells primes from other numbers', () => {
  const primes = Array.from({ length: 32 }, (_, number) => number).filter(isPrime);
  expect(primes).toEqual([2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31]);
  expect([251, 65537, 655373].filter(isPrime)).toEqual([251, 65537, 655373]);
  expect([1, 0, -7, 2.5, NaN, Infinity, 253, 65536, 65537 * 3].filter(isPrime)).toEqual([]);
});
