import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PageQuery } from '../http/page.query.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { NodeDto, NodeItemDto } from './nodes.dto.js';
import { NodesReader } from './nodes.reader.js';

@ApiNoun('nodes')
@Controller('v1/nodes')
export class NodesController {
  constructor(private readonly nodes: NodesReader) {}

  @Get()
  @ApiOperation({ summary: 'Load-balancing nodes by name, those that are declared and those that reported' })
  @ApiPage(NodeItemDto)
  list(@ValidQuery() query: PageQuery): Promise<Page<NodeItemDto>> {
    return this.nodes.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One node: what it serves, and what it refuses and why' })
  @ApiOkResponse({ type: NodeDto })
  get(@PathText('name') name: string): Promise<NodeDto> {
    return this.nodes.get(name);
  }
}
