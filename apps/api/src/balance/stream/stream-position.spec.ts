import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventId, parseEventId } from './stream-position.js';

describe('id of an event', () => {
  it('names the position that it is read as again', () => {
    const seq = fc.nat({ max: 999_999_999_999_999 });
    fc.assert(
      fc.property(seq, seq, (backend, frontend) => {
        expect(parseEventId(eventId({ backend, frontend }))).toEqual({ backend, frontend });
      }),
    );
  });

  it.each(['', '1', '1.2.3', 'a.b', '-1.2', '1.2 ', '1,2', '1234567890123456.1'])('is not "%s"', (text) => {
    expect(() => parseEventId(text)).toThrow(expect.objectContaining({ code: 'validation-failed' }));
  });
});
