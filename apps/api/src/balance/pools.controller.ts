import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ProjectQuery } from '../http/project.query.js';
import { ValidQuery } from '../http/valid-query.js';
import { FrontendsQuery } from './frontends.dto.js';
import { inProject } from './in-project.js';
import { PoolViewDto } from './pools.dto.js';
import { PoolsReader } from './pools.reader.js';

@ApiNoun('pools')
@Controller('v1/pools')
export class PoolsController {
  constructor(private readonly pools: PoolsReader) {}

  @Get()
  @ApiOperation({ summary: 'Pools by project and name, those of Frontends among them' })
  @ApiPage(PoolViewDto)
  list(@ValidQuery() query: FrontendsQuery): Promise<Page<PoolViewDto>> {
    return this.pools.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One pool: its members, and what each of them gets in each listener' })
  @ApiOkResponse({ type: PoolViewDto })
  get(@PathText('name') name: string, @ValidQuery() query: ProjectQuery): Promise<PoolViewDto> {
    return this.pools.get(inProject(query, name));
  }
}
