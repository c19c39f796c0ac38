import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ProjectQuery } from '../http/project.query.js';
import { ValidQuery } from '../http/valid-query.js';
import {
  BackendDto,
  BackendItemDto,
  BackendsQuery,
  PageInProjectQuery,
  TransitionDto,
} from './backends.dto.js';
import { BackendsReader } from './backends.reader.js';
import { inProject } from './in-project.js';

@ApiNoun('backends')
@Controller('v1/backends')
export class BackendsController {
  constructor(private readonly backends: BackendsReader) {}

  @Get()
  @ApiOperation({ summary: 'Backends by project and name' })
  @ApiPage(BackendItemDto)
  list(@ValidQuery() query: BackendsQuery): Promise<Page<BackendItemDto>> {
    return this.backends.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One backend with its last transitions' })
  @ApiOkResponse({ type: BackendDto })
  get(@PathText('name') name: string, @ValidQuery() query: ProjectQuery): Promise<BackendDto> {
    return this.backends.get(inProject(query, name));
  }

  @Get(':name/transitions')
  @ApiOperation({ summary: 'Its whole history, newest first' })
  @ApiPage(TransitionDto)
  transitions(
    @PathText('name') name: string,
    @ValidQuery() query: PageInProjectQuery,
  ): Promise<Page<TransitionDto>> {
    return this.backends.transitions(inProject(query, name), query);
  }
}
