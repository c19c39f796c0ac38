import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PageQuery } from '../http/page.query.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { OrgsReader } from './orgs.reader.js';
import { OrgDto, OrgItemDto, ProjectDto, ProjectItemDto } from './tenants.dto.js';

@ApiNoun('orgs')
@Controller('v1/orgs')
export class OrgsController {
  constructor(private readonly orgs: OrgsReader) {}

  @Get()
  @ApiOperation({ summary: 'Orgs by name' })
  @ApiPage(OrgItemDto)
  list(@ValidQuery() query: PageQuery): Promise<Page<OrgItemDto>> {
    return this.orgs.list(query);
  }

  @Get(':org')
  @ApiOperation({ summary: 'One org: what its projects have together, and may have' })
  @ApiOkResponse({ type: OrgDto })
  get(@PathText('org') org: string): Promise<OrgDto> {
    return this.orgs.get(org);
  }

  @Get(':org/projects')
  @ApiOperation({ summary: 'Projects that an org owns, by name' })
  @ApiPage(ProjectItemDto)
  projects(@PathText('org') org: string, @ValidQuery() query: PageQuery): Promise<Page<ProjectItemDto>> {
    return this.orgs.projectsOf(org, query);
  }

  @Get(':org/projects/:project')
  @ApiOperation({ summary: 'One project of an org: what it has of each kind, and the quotas over it' })
  @ApiOkResponse({ type: ProjectDto })
  project(@PathText('org') org: string, @PathText('project') project: string): Promise<ProjectDto> {
    return this.orgs.project(project, org);
  }
}
