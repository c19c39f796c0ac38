import { Controller, Get } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { ValidQuery } from '../http/valid-query.js';
import { PartItemDto, PartsQuery } from './parts.dto.js';
import { PartsReader } from './parts.reader.js';

@ApiNoun('parts')
@Controller('v1/parts')
export class PartsController {
  constructor(private readonly parts: PartsReader) {}

  @Get()
  @ApiOperation({ summary: 'Dynamic config parts by source, newest generation first' })
  @ApiPage(PartItemDto)
  list(@ValidQuery() query: PartsQuery): Promise<Page<PartItemDto>> {
    return this.parts.list(query);
  }
}
