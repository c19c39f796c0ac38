import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ProjectQuery } from '../http/project.query.js';
import { ValidQuery } from '../http/valid-query.js';
import { BackendSourceDto } from './backendsources.dto.js';
import { BackendSourcesReader } from './backendsources.reader.js';
import { FrontendsQuery } from './frontends.dto.js';
import { inProject } from './in-project.js';

@ApiNoun('backendsources')
@Controller('v1/backendsources')
export class BackendSourcesController {
  constructor(private readonly sources: BackendSourcesReader) {}

  @Get()
  @ApiOperation({ summary: 'Sources of backends by project and name: what they bring, and what is wrong' })
  @ApiPage(BackendSourceDto)
  list(@ValidQuery() query: FrontendsQuery): Promise<Page<BackendSourceDto>> {
    return this.sources.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One source of backends' })
  @ApiOkResponse({ type: BackendSourceDto })
  get(@PathText('name') name: string, @ValidQuery() query: ProjectQuery): Promise<BackendSourceDto> {
    return this.sources.get(inProject(query, name));
  }
}
