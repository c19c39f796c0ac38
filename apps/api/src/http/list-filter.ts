import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsIn, IsOptional, Matches, MaxLength } from 'class-validator';
import { STORABLE } from './storable.js';

/** Most values of one list parameter. */
const MOST_VALUES = 100;

/** A query parameter that is a list: given several times, separated by commas, or both. */
export function ListFilter(description: string, values?: readonly string[]): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      type: [String],
      description: `${description} Repeatable or separated by commas.`,
      ...(values && { enum: [...values] }),
    }),
    IsOptional(),
    Transform(({ value }: { value: unknown }) => [value].flat().flatMap((one) => String(one).split(','))),
    ArrayMaxSize(MOST_VALUES, { message: `must be at most ${MOST_VALUES} values` }),
    MaxLength(1024, { each: true }),
    Matches(STORABLE, { each: true, message: 'must not hold NUL' }),
    ...(values
      ? [IsIn([...values], { each: true, message: `each must be one of ${values.join(', ')}` })]
      : []),
  );
}
