import { expect, it } from '@jest/globals';
import { nanos } from 'nats';
import { boundedStream, STREAM_DEFINITIONS } from './streams.js';

it('gives a stream the bounds that an operator chose, and leaves all else', () => {
  const bounds = { intakeBytes: 1, deadBytes: 2, deadAgeMs: 3 };
  expect(boundedStream('intake', bounds)).toEqual({
    definition: { ...STREAM_DEFINITIONS.intake, max_bytes: 1 },
    configured: ['max_bytes'],
  });
  expect(boundedStream('dead', bounds)).toEqual({
    definition: { ...STREAM_DEFINITIONS.dead, max_bytes: 2, max_age: nanos(3) },
    configured: ['max_bytes', 'max_age'],
  });
  expect(boundedStream('dead', {})).toEqual({ definition: STREAM_DEFINITIONS.dead, configured: [] });
  expect(boundedStream('journal', bounds)).toEqual({
    definition: STREAM_DEFINITIONS.journal,
    configured: [],
  });
});
