import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

/** Bounds of one page of a list. */
export const PAGE = { default: 100, max: 1000 } as const;

/** What every list takes. */
export class PageQuery {
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: PAGE.max, default: PAGE.default })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: `must be a whole number from 1 to ${PAGE.max}` })
  @Min(1)
  @Max(PAGE.max)
  limit: number = PAGE.default;

  @ApiPropertyOptional({ type: String, description: '`next` of the previous page.' })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  after?: string;
}
