import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { EventItemDto, EventsQuery } from './events.dto.js';
import { EventsReader } from './events.reader.js';
import { ExplanationDto } from './explain.dto.js';
import { ExplainReader } from './explain.reader.js';

@ApiNoun('events')
@Controller('v1/groups/:group/events')
export class EventsController {
  constructor(
    private readonly events: EventsReader,
    private readonly explanations: ExplainReader,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Stored facts by observedAt, then id, oldest first unless asked otherwise' })
  @ApiPage(EventItemDto)
  list(@PathText('group') group: string, @ValidQuery() query: EventsQuery): Promise<Page<EventItemDto>> {
    return this.events.list(group, query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One fact' })
  @ApiOkResponse({ type: EventItemDto })
  get(@PathText('group') group: string, @PathText('id') id: string): Promise<EventItemDto> {
    return this.events.get(group, id);
  }

  @Get(':id/explain')
  @ApiOperation({ summary: 'Why a fact did or did not start something, and what followed' })
  @ApiOkResponse({ type: ExplanationDto })
  explain(@PathText('group') group: string, @PathText('id') id: string): Promise<ExplanationDto> {
    return this.explanations.explain(group, id);
  }
}
