import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { OrgsReader } from './orgs.reader.js';
import { ProjectDto, ProjectItemDto, ProjectsQuery } from './tenants.dto.js';

@ApiNoun('projects')
@Controller('v1/projects')
export class ProjectsController {
  constructor(private readonly orgs: OrgsReader) {}

  @Get()
  @ApiOperation({ summary: 'Projects that are declared, by name' })
  @ApiPage(ProjectItemDto)
  list(@ValidQuery() query: ProjectsQuery): Promise<Page<ProjectItemDto>> {
    return this.orgs.projects(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One project: what it has of each kind, and the quotas over it' })
  @ApiOkResponse({ type: ProjectDto })
  get(@PathText('name') name: string): Promise<ProjectDto> {
    return this.orgs.project(name);
  }
}
