import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';

import { STORABLE } from './storable.js';

/** A query parameter that an item must be equal to. */
export function TextFilter(description: string, values?: readonly string[]): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, description, ...(values && { enum: [...values] }) }),
    IsOptional(),
    IsString({ message: 'must be given once' }),
    MaxLength(1024),
    Matches(STORABLE, { message: 'must not hold NUL' }),
    ...(values ? [IsIn([...values], { message: `must be one of ${values.join(', ')}` })] : []),
  );
}
