import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty } from '@nestjs/swagger';
import { ApiNoun } from '../http/api-answers.js';
import { type Compaction, CompactionService } from './compaction.service.js';

export class CompactionDto implements Compaction {
  @ApiProperty({ description: 'The last record of ACTIVITY that is no longer kept, 0 when all are.' })
  upTo: number;
  @ApiProperty({ description: 'Messages that were removed.' }) purged: number;
}

@ApiNoun('compactions')
@Controller('v1/compactions')
export class CompactionController {
  constructor(private readonly compactions: CompactionService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Remove records that are no longer kept',
    description:
      'Has every service snapshot its tables and removes records of ACTIVITY that are older than SIGNALBOX_ACTIVITY_MAX_AGE, ' +
      'with the rows that are over. It is done daily without being asked. Answers when it is done.',
  })
  @ApiOkResponse({ type: CompactionDto })
  compact(): Promise<CompactionDto> {
    return this.compactions.compact();
  }
}
