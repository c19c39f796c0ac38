import { describe, expect, it } from '@jest/globals';
import { passesFilter } from './peer-filter.js';

const FACT = { type: 'client.ipv4.observed', subject: '10.88.60.9/32' };

describe('T18 passesFilter', () => {
  it.each([
    [[], [], true],
    [['client.ipv4.observed'], [], true],
    [['other', 'client.ipv4.observed'], [], true],
    [['client.ipv4'], [], false],
    [['client.ipv4.observed.more'], [], false],
    [[], ['10.88.'], true],
    [[], ['192.', '10.88.60.9/32'], true],
    [[], ['88.60'], false],
    [['client.ipv4.observed'], ['10.99.'], false],
    [['other'], ['10.88.'], false],
  ])('types %j, prefixes %j: %s', (types, subjectPrefixes, passes) => {
    expect(passesFilter({ types, subjectPrefixes }, FACT)).toBe(passes);
  });

  it('a fact without a subject passes no prefix', () => {
    expect(passesFilter({ types: [], subjectPrefixes: ['1'] }, { type: 'a', subject: '' })).toBe(false);
  });
});
