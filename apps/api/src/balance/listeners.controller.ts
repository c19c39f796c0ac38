import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ProjectQuery } from '../http/project.query.js';
import { ValidQuery } from '../http/valid-query.js';
import { FrontendsQuery } from './frontends.dto.js';
import { inProject } from './in-project.js';
import { ListenerStatsDto } from './listener-stats.dto.js';
import { ListenerStatsReader } from './listener-stats.reader.js';
import { ListenerDto } from './listeners.dto.js';
import { ListenersReader } from './listeners.reader.js';

@ApiNoun('listeners')
@Controller('v1/listeners')
export class ListenersController {
  constructor(
    private readonly listeners: ListenersReader,
    private readonly counted: ListenerStatsReader,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Listeners by project and name, those of Frontends among them' })
  @ApiPage(ListenerDto)
  list(@ValidQuery() query: FrontendsQuery): Promise<Page<ListenerDto>> {
    return this.listeners.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One listener: where it is served, who gets how much traffic, and why' })
  @ApiOkResponse({ type: ListenerDto })
  get(@PathText('name') name: string, @ValidQuery() query: ProjectQuery): Promise<ListenerDto> {
    return this.listeners.get(inProject(query, name));
  }

  @Get(':name/stats')
  @ApiOperation({ summary: 'What the nodes of a listener counted: connections, bytes, requests, errors' })
  @ApiOkResponse({ type: ListenerStatsDto })
  stats(@PathText('name') name: string, @ValidQuery() query: ProjectQuery): Promise<ListenerStatsDto> {
    return this.counted.get(inProject(query, name));
  }
}
