import { describe, expect, it } from '@jest/globals';
import { BodyPatterns } from './body-pattern.js';

describe('BodyPatterns', () => {
  it('match anywhere, as RE2 does', () => {
    const patterns = new BodyPatterns();
    expect(patterns.matches('o{2}', 'foo\nbar')).toBe(true);
    expect(patterns.matches('^bar', 'foo\nbar')).toBe(false);
    expect(patterns.matches('(?m)^bar$', 'foo\nbar')).toBe(true);
    expect(() => patterns.matches('(a)\\1', 'aa')).toThrow();
  });

  it('are compiled once and kept up to a bound; the one used longest ago goes first', () => {
    const patterns = new BodyPatterns(2);
    const a = patterns.compile('a');
    const b = patterns.compile('b');
    expect(patterns.compile('a')).toBe(a);
    patterns.compile('c');
    expect(patterns.size).toBe(2);
    expect(patterns.compile('a')).toBe(a);
    expect(patterns.compile('b')).not.toBe(b);
  });
});
