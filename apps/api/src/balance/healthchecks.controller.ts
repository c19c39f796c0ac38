import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ProjectQuery } from '../http/project.query.js';
import { ValidQuery } from '../http/valid-query.js';
import { HealthCheckDto, HealthChecksQuery } from './healthchecks.dto.js';
import { HealthChecksReader } from './healthchecks.reader.js';
import { inProject } from './in-project.js';

@ApiNoun('healthchecks')
@Controller('v1/healthchecks')
export class HealthChecksController {
  constructor(private readonly checks: HealthChecksReader) {}

  @Get()
  @ApiOperation({ summary: 'Health checks by project and name, each with the backends that use it' })
  @ApiPage(HealthCheckDto)
  list(@ValidQuery() query: HealthChecksQuery): Promise<Page<HealthCheckDto>> {
    return this.checks.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One health check' })
  @ApiOkResponse({ type: HealthCheckDto })
  get(@PathText('name') name: string, @ValidQuery() query: ProjectQuery): Promise<HealthCheckDto> {
    return this.checks.get(inProject(query, name));
  }
}
