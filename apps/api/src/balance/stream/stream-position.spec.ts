import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventId, parseEventId } from './stream-position.js';

describe('id of an event', () => {
  it('names the position that it is read as again', () => {
    const seq = fc.nat({ max: 999_999_999_999_999 });
    fc.assert(
      fc.property(seq, seq, seq, (backend, frontend, node) => {
        expect(parseEventId(eventId({ backend, frontend, node }))).toEqual({ backend, frontend, node });
      }),
    );
  });

  it.each(['', '1', '1.2', '1.2.3.4', 'a.b.c', '-1.2.3', '1.2.3 ', '1,2,3', '1234567890123456.1.1'])(
    'is not "%s"',
    (text) => {
      expect(() => parseEventId(text)).toThrow(expect.objectContaining({ code: 'validation-failed' }));
    },
  );
});
