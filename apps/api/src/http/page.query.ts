import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

/** Bounds of one page of a list. */
export const PAGE = { default: 100, max: 1000 } as const;

const LIMIT_RANGE = `must be a whole number from 1 to ${PAGE.max}`;

/** What every list takes. */
export class PageQuery {
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: PAGE.max, default: PAGE.default })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: LIMIT_RANGE })
  @Min(1, { message: LIMIT_RANGE })
  @Max(PAGE.max, { message: LIMIT_RANGE })
  limit: number = PAGE.default;

  @ApiPropertyOptional({ type: String, description: '`next` of the previous page.' })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  after?: string;

  @ApiPropertyOptional({
    type: String,
    description: 'Members that the items shall have, separated by commas; all when left out.',
  })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  fields?: string;
}
