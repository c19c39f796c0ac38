import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PageQuery } from '../http/page.query.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { HealthCheckDto } from './healthchecks.dto.js';
import { HealthChecksReader } from './healthchecks.reader.js';

@ApiNoun('healthchecks')
@Controller('v1/healthchecks')
export class HealthChecksController {
  constructor(private readonly checks: HealthChecksReader) {}

  @Get()
  @ApiOperation({ summary: 'Health checks by name, each with the backends that use it' })
  @ApiPage(HealthCheckDto)
  list(@ValidQuery() query: PageQuery): Promise<Page<HealthCheckDto>> {
    return this.checks.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One health check' })
  @ApiOkResponse({ type: HealthCheckDto })
  get(@PathText('name') name: string): Promise<HealthCheckDto> {
    return this.checks.get(name);
  }
}
