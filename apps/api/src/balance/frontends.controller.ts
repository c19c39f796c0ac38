import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PageQuery } from '../http/page.query.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { FrontendDto } from './frontends.dto.js';
import { FrontendsReader } from './frontends.reader.js';

@ApiNoun('frontends')
@Controller('v1/frontends')
export class FrontendsController {
  constructor(private readonly frontends: FrontendsReader) {}

  @Get()
  @ApiOperation({ summary: 'Frontends by name, each with its pools' })
  @ApiPage(FrontendDto)
  list(@ValidQuery() query: PageQuery): Promise<Page<FrontendDto>> {
    return this.frontends.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One frontend: who gets how much traffic, and why' })
  @ApiOkResponse({ type: FrontendDto })
  get(@PathText('name') name: string): Promise<FrontendDto> {
    return this.frontends.get(name);
  }
}
