import { applyDecorators, Controller, Get, Headers, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  getSchemaPath,
} from '@nestjs/swagger';
import type { SinkRendering } from '@signalbox/contracts';
import type { AuthorizedRequest } from '@signalbox/runtime';
import type { FastifyReply } from 'fastify';
import { ReasonBody } from '../balance/backend-commands.dto.js';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { authorOf } from '../http/author.js';
import { answerPending } from '../http/change-answer.js';
import { OptionalBody } from '../http/optional-body.js';
import { PageQuery } from '../http/page.query.js';
import { PathText } from '../http/path-text.js';
import { ValidBody } from '../http/valid-body.js';
import { ValidQuery } from '../http/valid-query.js';
import { SinkCommands } from './sink-commands.js';
import { SinkApplyDto, SinkDto, SinkItemDto, SinkRenderingDto } from './sinks.dto.js';
import { SinksReader } from './sinks.reader.js';

/** One operator command as a route. */
function Command(command: 'pause' | 'resume', summary: string): MethodDecorator {
  return applyDecorators(
    Post(`:name/${command}`),
    HttpCode(200),
    OptionalBody(ReasonBody),
    ApiOperation({ summary }),
    ApiOkResponse({ type: SinkDto }),
    ApiAcceptedResponse({ type: SinkDto, description: 'Stored, but not readable everywhere yet.' }),
  );
}

@ApiNoun('sinks')
@Controller('v1/sinks')
export class SinksController {
  constructor(
    private readonly sinks: SinksReader,
    private readonly commands: SinkCommands,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Sinks by name: where the effective config goes, and what is there' })
  @ApiPage(SinkItemDto)
  list(@ValidQuery() query: PageQuery): Promise<Page<SinkItemDto>> {
    return this.sinks.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One sink with what was applied last' })
  @ApiOkResponse({ type: SinkDto })
  get(@PathText('name') name: string): Promise<SinkDto> {
    return this.sinks.get(name);
  }

  @Get(':name/applies')
  @ApiOperation({ summary: 'What was applied to a sink and what failed, newest first' })
  @ApiPage(SinkApplyDto)
  applies(@PathText('name') name: string, @ValidQuery() query: PageQuery): Promise<Page<SinkApplyDto>> {
    return this.sinks.applies(name, query);
  }

  @Get(':name/render')
  @ApiOperation({ summary: 'What a sink would write now; with `Accept: text/plain` the document alone' })
  @ApiExtraModels(SinkRenderingDto)
  @ApiOkResponse({
    content: {
      'application/json': { schema: { $ref: getSchemaPath(SinkRenderingDto) } },
      'text/plain': { schema: { type: 'string' } },
    },
  })
  async render(
    @PathText('name') name: string,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SinkRendering | string> {
    const rendering = await this.sinks.render(name);
    if (!/^text\/plain\b/.test(accept ?? '')) return rendering;
    reply.header('content-type', 'text/plain; charset=utf-8');
    return rendering.text;
  }

  @Command('pause', 'Write nothing to its target until it is resumed')
  pause(
    @PathText('name') name: string,
    @ValidBody() body: ReasonBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SinkDto> {
    return this.run('pause', name, body, request, reply);
  }

  @Command(
    'resume',
    'Write the newest again: after a pause, at once after a failure, over what somebody else changed, and past what held it',
  )
  resume(
    @PathText('name') name: string,
    @ValidBody() body: ReasonBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SinkDto> {
    return this.run('resume', name, body, request, reply);
  }

  private async run(
    command: 'pause' | 'resume',
    name: string,
    { reason = '' }: ReasonBody,
    request: AuthorizedRequest,
    reply: FastifyReply,
  ): Promise<SinkDto> {
    const { sink, pending, operation } = await this.commands.run(command, {
      sink: name,
      ...authorOf(request),
      reason,
    });
    if (pending) answerPending(reply, operation);
    return sink;
  }
}
