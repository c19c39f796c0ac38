import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { CodedError } from '@signalbox/contracts';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { ValidQuery } from '../http/valid-query.js';
import { DeadLetterDto, DeadLetterItemDto, DeadLettersQuery } from './dead-letters.dto.js';
import { DeadLettersReader } from './dead-letters.reader.js';

@ApiNoun('dead-letters')
@Controller('v1/dead-letters')
export class DeadLettersController {
  constructor(private readonly letters: DeadLettersReader) {}

  @Get()
  @ApiOperation({ summary: 'Messages that could not be processed, newest first' })
  @ApiPage(DeadLetterItemDto)
  list(@ValidQuery() query: DeadLettersQuery): Promise<Page<DeadLetterItemDto>> {
    return this.letters.list(query);
  }

  @Get(':seq')
  @ApiOperation({ summary: 'One of them with its payload' })
  @ApiParam({ name: 'seq', type: Number })
  @ApiOkResponse({ type: DeadLetterDto })
  get(@Param('seq') seq: string): Promise<DeadLetterDto> {
    if (!/^\d{1,15}$/.test(seq)) {
      throw new CodedError('validation-failed', `"${seq}" is not the number of a dead letter`, [
        { pointer: '/seq', message: 'must be a whole number' },
      ]);
    }
    return this.letters.get(Number(seq));
  }
}
