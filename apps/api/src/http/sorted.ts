import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';

/** The query parameter `sort` of a list: by which member, from the last on with a `-` before it. The first one is what it is without. */
export function Sorted(...orders: readonly [string, ...string[]]): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      type: String,
      enum: [...orders],
      default: orders[0],
      description: 'By what; with `-` from the last or newest on.',
    }),
    IsOptional(),
    IsIn([...orders], { message: `must be one of ${orders.join(', ')}` }),
  );
}
