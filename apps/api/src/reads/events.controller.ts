import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { eventAsAsked } from './event-as-asked.js';
import { EventIdQuery, EventItemDto, EventsQuery } from './events.dto.js';
import { EventsReader } from './events.reader.js';
import { ExplanationDto } from './explain.dto.js';
import { ExplainReader } from './explain.reader.js';

@ApiNoun('events')
@Controller('v1/groups/:group')
export class EventsController {
  constructor(
    private readonly events: EventsReader,
    private readonly explanations: ExplainReader,
  ) {}

  @Get('events')
  @ApiOperation({ summary: 'Stored facts by observedAt, then id, oldest first unless asked otherwise' })
  @ApiPage(EventItemDto)
  list(@PathText('group') group: string, @ValidQuery() query: EventsQuery): Promise<Page<EventItemDto>> {
    return this.events.list(group, query);
  }

  @Get('events/:id')
  @ApiOperation({ summary: 'One fact' })
  @ApiOkResponse({ type: EventItemDto })
  async get(
    @PathText('group') group: string,
    @PathText('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return eventAsAsked(await this.events.get(group, id), request, reply);
  }

  @Get('events/:id/explain')
  @ApiOperation({ summary: 'Why a fact did or did not start something, and what followed' })
  @ApiOkResponse({ type: ExplanationDto })
  explain(@PathText('group') group: string, @PathText('id') id: string): Promise<ExplanationDto> {
    return this.explanations.explain(group, id);
  }

  @Get('event')
  @ApiOperation({ summary: 'One fact by any id: no path leads to the ids `.` and `..`' })
  @ApiOkResponse({ type: EventItemDto })
  getByQuery(@PathText('group') group: string, @ValidQuery() { id }: EventIdQuery): Promise<EventItemDto> {
    return this.events.get(group, id);
  }

  @Get('event/explain')
  @ApiOperation({ summary: 'As `events/{id}/explain`, by any id' })
  @ApiOkResponse({ type: ExplanationDto })
  explainByQuery(
    @PathText('group') group: string,
    @ValidQuery() { id }: EventIdQuery,
  ): Promise<ExplanationDto> {
    return this.explanations.explain(group, id);
  }
}
