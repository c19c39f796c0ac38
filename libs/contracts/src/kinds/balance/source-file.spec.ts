import { describe, expect, it } from '@jest/globals';
import { SOURCE_FILE_BOUNDS, sourceFileErrors } from './source-file.js';

const entry = { address: '192.0.2.1', port: 80 };

describe('the file of a source', () => {
  it('is a list of addresses and ports', () => {
    const whole = { address: '2001:db8::1', port: 443, weight: 0, draining: true, tags: ['blue'] };
    expect(sourceFileErrors([])).toEqual([]);
    expect(sourceFileErrors([entry, whole])).toEqual([]);
  });

  it.each<[unknown, string, string]>([
    [{ backends: [] }, '', 'must be a list'],
    ['secret', '', 'must be a list'],
    [[entry, 'secret'], '/1', 'must be an object'],
    [[{ address: '192.0.2.1' }], '/0/port', 'is required'],
    [[{ ...entry, port: '80' }], '/0/port', 'must be a whole number'],
    [[{ ...entry, port: 65_536 }], '/0/port', 'must be at most 65535'],
    [[{ ...entry, weight: 101 }], '/0/weight', 'must be at most 100'],
    [[{ ...entry, draining: 'yes' }], '/0/draining', 'must be true or false'],
    [[{ ...entry, tags: [' '] }], '/0/tags/0', 'must not be blank'],
    [
      [{ ...entry, address: 'web.example' }],
      '/0/address',
      'must be an IPv4 or IPv6 address without a zone, such as 10.0.0.2 or 2001:db8::2',
    ],
    [[entry, { ...entry, address: '224.0.0.1' }], '/1/address', 'is a multicast address'],
    [
      [{ ...entry, secret: 1 }],
      '/0',
      'has a field that is not known: there are address, port, weight, draining, tags',
    ],
    [[{ ...entry, wieght: 1 }], '/0', 'has a field that is not known: is "weight" meant?'],
  ])('of %j is refused at %j: %s', (value, pointer, message) => {
    expect(sourceFileErrors(value)).toEqual([{ pointer, message }]);
  });

  it('is bounded', () => {
    const { entries, tags } = SOURCE_FILE_BOUNDS;
    const many = Array.from({ length: entries + 1 }, () => entry);
    expect(sourceFileErrors(many.slice(1))).toEqual([]);
    expect(sourceFileErrors(many)).toEqual([
      { pointer: '', message: `must have at most ${entries} entries` },
    ]);
    const tagged = [{ ...entry, tags: Array(tags + 1).fill('a') }];
    expect(sourceFileErrors(tagged)).toEqual([
      { pointer: '/0/tags', message: `must have at most ${tags} entries` },
    ]);
  });
});
