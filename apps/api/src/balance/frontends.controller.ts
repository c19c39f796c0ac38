import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ProjectQuery } from '../http/project.query.js';
import { ValidQuery } from '../http/valid-query.js';
import { FrontendDto, FrontendsQuery } from './frontends.dto.js';
import { FrontendsReader } from './frontends.reader.js';
import { inProject } from './in-project.js';

@ApiNoun('frontends')
@Controller('v1/frontends')
export class FrontendsController {
  constructor(private readonly frontends: FrontendsReader) {}

  @Get()
  @ApiOperation({ summary: 'Frontends by project and name, each with its pools' })
  @ApiPage(FrontendDto)
  list(@ValidQuery() query: FrontendsQuery): Promise<Page<FrontendDto>> {
    return this.frontends.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One frontend: who gets how much traffic, and why' })
  @ApiOkResponse({ type: FrontendDto })
  get(@PathText('name') name: string, @ValidQuery() query: ProjectQuery): Promise<FrontendDto> {
    return this.frontends.get(inProject(query, name));
  }
}
