import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { PluginsReader } from './plugins.reader.js';
import { NamedQuery, PluginDto } from './standings.dto.js';

@ApiNoun('plugins')
@Controller('v1/plugins')
export class PluginsController {
  constructor(private readonly plugins: PluginsReader) {}

  @Get()
  @ApiOperation({
    summary:
      'Declared plugins by name: whether they can be run or why not, and their runs that are not over or failed',
  })
  @ApiPage(PluginDto)
  list(@ValidQuery() query: NamedQuery): Promise<Page<PluginDto>> {
    return this.plugins.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One plugin' })
  @ApiOkResponse({ type: PluginDto })
  get(@PathText('name') name: string): Promise<PluginDto> {
    return this.plugins.get(name);
  }
}
