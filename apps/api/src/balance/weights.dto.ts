import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { isDuration, parseDuration } from '@signalbox/contracts';
import { IsInt, Max, Min, ValidateBy, ValidateIf } from 'class-validator';
import { OptionalText } from '../http/optional-text.js';
import { REASON_LENGTH } from './backend-commands.dto.js';

/** Longest time after which an override may end by itself; what is to last longer belongs into the config. */
const LONGEST_OVERRIDE = '87600h';
const WEIGHT_RANGE = 'must be a whole number from 0 to 100';

export class WeightBody {
  @ApiProperty({ minimum: 0, maximum: 100 })
  @IsInt({ message: WEIGHT_RANGE })
  @Min(0, { message: WEIGHT_RANGE })
  @Max(100, { message: WEIGHT_RANGE })
  weight: number;

  @OptionalText('Why, for the history.', REASON_LENGTH) reason?: string;

  @TimeUntilEnd()
  expiresIn?: string;
}

/** A duration after which something that an operator set ends by itself. */
export function TimeUntilEnd(): PropertyDecorator {
  const message = `must be a duration such as 30m or 12h, more than 0 and at most ${LONGEST_OVERRIDE}`;
  return applyDecorators(
    ApiPropertyOptional({ type: String, example: '30m', description: 'Ends by itself after this time.' }),
    ValidateIf((_body, value) => value !== undefined),
    ValidateBy(
      { name: 'timeUntilEnd', validator: { validate: (value: unknown) => isTimeUntilEnd(value) } },
      { message },
    ),
  );
}

function isTimeUntilEnd(value: unknown): boolean {
  if (typeof value !== 'string' || !isDuration(value)) return false;
  const ms = parseDuration(value);
  return ms > 0 && ms <= parseDuration(LONGEST_OVERRIDE);
}
