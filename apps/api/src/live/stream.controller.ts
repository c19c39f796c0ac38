import { Controller, Get, Headers, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces } from '@nestjs/swagger';
import { AcceptsTicket, type AuthorizedRequest } from '@signalbox/runtime';
import type { FastifyReply } from 'fastify';
import { ApiNoun } from '../http/api-answers.js';
import { ValidQuery } from '../http/valid-query.js';
import { LiveStreams } from './live-streams.js';
import { parseEventId } from './stream-position.js';
import { wishOf } from './stream-wish.js';
import { StreamQuery } from './stream.dto.js';

@ApiNoun('stream')
@Controller('v1/stream')
export class StreamController {
  constructor(private readonly streams: LiveStreams) {}

  @Get()
  @AcceptsTicket()
  @ApiOperation({
    summary: 'Follow what happens as server-sent events',
    description:
      'Of backends, frontends, nodes, sinks, resources and alarms first the present state as events with `synthetic: true`; then every ' +
      'record as it is appended. With `Last-Event-ID` exactly the records after that event instead. Of what is older than what is kept: ' +
      'the present state, or an event `gap`.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: '`id` of the last event received.' })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ content: { 'text/event-stream': { schema: { type: 'string' } } } })
  async follow(
    @ValidQuery() query: StreamQuery,
    @Headers('last-event-id') header: string | undefined,
    @Req() request: AuthorizedRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const lastEventId = header ?? query.lastEventId;
    const resume = lastEventId === undefined ? undefined : parseEventId(lastEventId);
    const wish = wishOf(query);
    if (request.method === 'HEAD') return void reply.header('content-type', 'text/event-stream').send();
    await this.streams.open(wish, resume, () => reply.hijack().raw, request.principal);
  }
}
