import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { QuotasReader } from './quotas.reader.js';
import { QuotaDto, QuotaQuery, QuotasQuery } from './tenants.dto.js';

@ApiNoun('quotas')
@Controller('v1/quotas')
export class QuotasController {
  constructor(private readonly quotas: QuotasReader) {}

  @Get()
  @ApiOperation({ summary: 'Quotas by name: how many of each kind are allowed, and how many there are' })
  @ApiPage(QuotaDto)
  list(@ValidQuery() query: QuotasQuery): Promise<Page<QuotaDto>> {
    return this.quotas.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One quota' })
  @ApiOkResponse({ type: QuotaDto })
  get(@PathText('name') name: string, @ValidQuery() { project }: QuotaQuery): Promise<QuotaDto> {
    return this.quotas.get(name, project);
  }
}
