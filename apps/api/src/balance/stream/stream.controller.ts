import { Controller, Get, Headers, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiNoun } from '../../http/api-answers.js';
import { ValidQuery } from '../../http/valid-query.js';
import { inProject } from '../in-project.js';
import { LiveStreams } from './live-streams.js';
import { STREAM_KINDS, type StreamWish } from './stream-event.js';
import { parseEventId } from './stream-position.js';
import { StreamQuery } from './stream.dto.js';

@ApiNoun('stream')
@Controller('v1/stream')
export class StreamController {
  constructor(private readonly streams: LiveStreams) {}

  @Get()
  @ApiOperation({
    summary: 'Follow backends, frontends and nodes as server-sent events',
    description:
      'First the present state as events with `synthetic: true`, then every record as it is appended. ' +
      'With `Last-Event-ID` exactly the records after that event instead, unless that is older than what is kept.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: '`id` of the last event received.' })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ content: { 'text/event-stream': { schema: { type: 'string' } } } })
  async follow(
    @ValidQuery() { kind, name, ...query }: StreamQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const resume = lastEventId === undefined ? undefined : parseEventId(lastEventId);
    if (request.method === 'HEAD') return void reply.header('content-type', 'text/event-stream').send();
    const wish: StreamWish = {
      kinds: STREAM_KINDS.filter((one) => kind?.includes(one) ?? true),
      ...(query.project !== undefined && { project: query.project }),
      ...(name && { names: new Set(name.map((one) => inProject(query, one))) }),
    };
    await this.streams.open(wish, resume, () => reply.hijack().raw);
  }
}
