import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, MaxLength, Min } from 'class-validator';
import { Flag } from '../http/flag.js';
import { Wait } from '../http/wait.js';

export class RollbackQuery {
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    description: 'The revision whose resources shall stand again.',
  })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  to: number;

  @Flag('Only tell what would change.')
  dryRun: boolean = false;

  @ApiPropertyOptional({ description: 'Why, for the history.', maxLength: 1000 })
  @IsOptional()
  @Matches(/^[^\0\p{Cs}]*$/u, { message: 'must be well-formed text without NUL' })
  @MaxLength(1000)
  message?: string;

  @Wait() wait?: string;
}
