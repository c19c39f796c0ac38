import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, IsOptional, MaxLength } from 'class-validator';

/** A query parameter that an item must be equal to. */
export function TextFilter(description: string, values?: readonly string[]): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, description, ...(values && { enum: [...values] }) }),
    IsOptional(),
    IsString({ message: 'must be given once' }),
    MaxLength(1024),
  );
}
