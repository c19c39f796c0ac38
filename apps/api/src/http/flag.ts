import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional } from 'class-validator';

/** A query parameter that is true as `?name`, `?name=true` or `?name=1`. */
export function Flag(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: Boolean, default: false, description }),
    IsOptional(),
    Transform(({ value }: { value: unknown }) => FLAG_VALUES.get(value) ?? value),
    IsBoolean({ message: 'must be true or false' }),
  );
}

const FLAG_VALUES = new Map<unknown, boolean>([
  ['', true],
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
]);
