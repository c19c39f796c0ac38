import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstId, parseEventId, type Place, placeText } from './stream-position.js';

const seq = fc.nat({ max: 999_999_999_999_999 });

describe('id of an event', () => {
  it('of backends, frontends and nodes alone is what it always was', () => {
    fc.assert(
      fc.property(seq, seq, seq, (backend, frontend, node) => {
        const position = parseEventId(`${backend}.${frontend}.${node}`);
        expect(firstId(position)).toBe(`${backend}.${frontend}.${node}`);
        expect([...position.values()]).toEqual([{ seq: backend }, { seq: frontend }, { seq: node }]);
      }),
    );
  });

  it('names the position that it is read as again', () => {
    const source = fc.stringMatching(/^[a-z]{1,9}(\/[a-z0-9](-?[a-z0-9]){0,9})?$/);
    const place = fc.record({ seq, passed: fc.nat({ max: 999_999 }) }, { requiredKeys: ['seq'] });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(source, place), { minLength: 1, maxLength: 9, selector: ([name]) => name }),
        (places) => {
          const text = places.map(([name, one]) => placeText(name, one as Place)).join(',');
          expect([...parseEventId(text)]).toEqual(places);
        },
      ),
    );
  });

  it.each([
    '',
    '1',
    '1.2',
    '1.2.3.4',
    'a.b.c',
    '-1.2.3',
    '1.2.3 ',
    '1,2,3',
    '1234567890123456.1.1',
    'backend:1,backend:2',
    'backend:1,',
    'backend:x',
    'backend:1+',
    'fact/../x:1',
    `fact/${'a'.repeat(9000)}:1`,
  ])('is not "%s"', (text) => {
    expect(() => parseEventId(text)).toThrow(expect.objectContaining({ code: 'validation-failed' }));
  });
});
