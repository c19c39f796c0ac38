import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { RunItemDto, RunsQuery } from './runs.dto.js';
import { RunsReader } from './runs.reader.js';

@ApiNoun('runs')
@Controller('v1/runs')
export class RunsController {
  constructor(private readonly runs: RunsReader) {}

  @Get()
  @ApiOperation({ summary: 'Plugin runs, newest first' })
  @ApiPage(RunItemDto)
  list(@ValidQuery() query: RunsQuery): Promise<Page<RunItemDto>> {
    return this.runs.list(query);
  }

  @Get(':runId')
  @ApiOperation({ summary: 'One run with its executions' })
  @ApiOkResponse({ type: RunItemDto })
  get(@PathText('runId') runId: string): Promise<RunItemDto> {
    return this.runs.get(runId);
  }
}
