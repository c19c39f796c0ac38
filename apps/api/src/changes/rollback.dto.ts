import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { Flag } from '../http/flag.js';
import { Message } from '../http/message.js';
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

  @Message() message?: string;

  @Wait() wait?: string;
}
