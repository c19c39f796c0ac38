import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { COMMAND_WAIT_MS, isDuration, parseDuration } from '@signalbox/contracts';
import { IsOptional, ValidateBy } from 'class-validator';

/** Longest time that an answer may be kept back for what follows from a change. */
const LONGEST_WAIT = '60s';

/** A query parameter: how long a change may wait until every service has followed. Absent: COMMAND_WAIT_MS. */
export function Wait(): PropertyDecorator {
  const validator = { validate: (value: unknown) => isWait(value) };
  return applyDecorators(
    ApiPropertyOptional({
      ...{ type: String, example: '30s', default: `${COMMAND_WAIT_MS / 1000}s` },
      description: `How long to wait until every service has followed, at most ${LONGEST_WAIT}.`,
    }),
    IsOptional(),
    ValidateBy(
      { name: 'wait', validator },
      { message: `must be a duration such as 500ms or 30s, at most ${LONGEST_WAIT}` },
    ),
  );
}

function isWait(value: unknown): boolean {
  return (
    typeof value === 'string' && isDuration(value) && parseDuration(value) <= parseDuration(LONGEST_WAIT)
  );
}
