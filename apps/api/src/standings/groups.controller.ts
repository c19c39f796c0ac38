import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { GroupsReader } from './groups.reader.js';
import { GroupDto, NamedQuery } from './standings.dto.js';

@ApiNoun('groups')
@Controller('v1/groups')
export class GroupsController {
  constructor(private readonly groups: GroupsReader) {}

  @Get()
  @ApiOperation({ summary: 'Declared groups by name: how many facts, the newest, bytes' })
  @ApiPage(GroupDto)
  list(@ValidQuery() query: NamedQuery): Promise<Page<GroupDto>> {
    return this.groups.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One group' })
  @ApiOkResponse({ type: GroupDto })
  get(@PathText('name') name: string): Promise<GroupDto> {
    return this.groups.get(name);
  }
}
