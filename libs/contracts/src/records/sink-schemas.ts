import { CHANGE_ORIGIN } from '../access/origin-schema.js';
import { COUNT, FLAG, oneOf, type Schema, shape, TEXT, text, wholeNumber } from '../schema/shape.js';
import { ERROR_BODY } from './schemas.js';
import {
  SINK_STATES,
  SINK_STEPS,
  type SinkContent,
  type SinkFailure,
  type SinkIntent,
  type SinkRecord,
} from './sink-record.js';

/** Strict schemas of the records of sinks. */

const TIME = text('timestamp');
const AT_LEAST_ONE = wholeNumber(1, Number.MAX_SAFE_INTEGER);

export const SINK_RECORD: Schema = shape<SinkRecord>(
  {
    sink: TEXT,
    version: AT_LEAST_ONE,
    at: TIME,
    state: oneOf(SINK_STATES),
    revision: COUNT,
    generation: COUNT,
  },
  {
    content: shape<SinkContent>({
      generation: COUNT,
      digest: text('sha256'),
      bytes: COUNT,
      resources: COUNT,
      at: TIME,
      place: TEXT,
    }),
    failure: shape<SinkFailure>(
      { step: oneOf(SINK_STEPS), error: ERROR_BODY, attempts: AT_LEAST_ONE },
      { output: TEXT, retryAt: TIME },
    ),
    reason: TEXT,
  },
);

export const SINK_INTENT: Schema = shape<SinkIntent>(
  {
    sink: TEXT,
    at: TIME,
    paused: FLAG,
    author: TEXT,
    reason: TEXT,
  },
  { from: CHANGE_ORIGIN },
);
