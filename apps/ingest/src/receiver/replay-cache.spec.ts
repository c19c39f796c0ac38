import { describe, expect, it } from '@jest/globals';
import { ReplayCache } from './replay-cache.js';

const STORED = Promise.resolve('stored' as const);

describe('ReplayCache', () => {
  it('knows what it was told and forgets on request', async () => {
    const cache = new ReplayCache(10);
    cache.remember('a', STORED, 0, 1000);
    expect(await cache.find('a')).toBe('stored');
    expect(cache.find('b')).toBeUndefined();
    cache.forget('a');
    expect(cache.find('a')).toBeUndefined();
  });

  it('holds no more than its limit: the oldest go', () => {
    const cache = new ReplayCache(3);
    for (const key of ['a', 'b', 'c', 'd', 'e']) cache.remember(key, STORED, 0, 1000);
    expect(cache.size).toBe(3);
    expect(['a', 'b', 'c', 'd', 'e'].filter((key) => cache.find(key) !== undefined)).toEqual(['c', 'd', 'e']);
  });

  it('holds nothing longer than the window asks for', () => {
    const cache = new ReplayCache(10);
    cache.remember('a', STORED, 0, 1000);
    cache.remember('b', STORED, 1000, 1000);
    expect(cache.size).toBe(2);
    cache.remember('c', STORED, 1001, 1000);
    expect(cache.find('a')).toBeUndefined();
    expect(cache.size).toBe(2);
  });
});
