import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Matches, MaxLength } from 'class-validator';

/** A query parameter that says why something is changed. */
export function Message(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, description: 'Why, for the history.', maxLength: 1000 }),
    IsOptional(),
    Matches(/^[^\0\p{Cs}]*$/u, { message: 'must be well-formed text without NUL' }),
    MaxLength(1000),
  );
}
