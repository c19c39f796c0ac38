import { applyDecorators, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { BackendCommand } from '@signalbox/contracts';
import type { AuthorizedRequest } from '@signalbox/runtime';
import type { FastifyReply } from 'fastify';
import { ApiNoun } from '../http/api-answers.js';
import { authorOf } from '../http/author.js';
import { answerPending } from '../http/change-answer.js';
import { OptionalBody } from '../http/optional-body.js';
import { PathText } from '../http/path-text.js';
import { ProjectQuery } from '../http/project.query.js';
import { ValidBody } from '../http/valid-body.js';
import { ValidQuery } from '../http/valid-query.js';
import { BackendOutcomeDto, HeartbeatAnswerDto, HeartbeatBody, ReasonBody } from './backend-commands.dto.js';
import { BackendCommands } from './backend-commands.js';
import { inProject } from './in-project.js';

/** One operator command as a route. */
function Command(command: BackendCommand, summary: string): MethodDecorator {
  return applyDecorators(
    Post(command),
    HttpCode(200),
    OptionalBody(ReasonBody),
    ApiOperation({ summary }),
    ApiOkResponse({ type: BackendOutcomeDto }),
    ApiAcceptedResponse({ type: BackendOutcomeDto, description: 'Stored, but not readable everywhere yet.' }),
  );
}

@ApiNoun('backends')
@Controller('v1/backends/:name')
export class BackendCommandsController {
  constructor(private readonly commands: BackendCommands) {}

  @Command('pause', 'Stop probing it; new flows drain')
  pause(
    @PathText('name') name: string,
    @ValidQuery() query: ProjectQuery,
    @ValidBody() body: ReasonBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BackendOutcomeDto> {
    return this.run('pause', inProject(query, name), body, request, reply);
  }

  @Command('resume', 'Probe it again after a pause')
  resume(
    @PathText('name') name: string,
    @ValidQuery() query: ProjectQuery,
    @ValidBody() body: ReasonBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BackendOutcomeDto> {
    return this.run('resume', inProject(query, name), body, request, reply);
  }

  @Command('enable', 'Take it back in')
  enable(
    @PathText('name') name: string,
    @ValidQuery() query: ProjectQuery,
    @ValidBody() body: ReasonBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BackendOutcomeDto> {
    return this.run('enable', inProject(query, name), body, request, reply);
  }

  @Command('disable', 'Take it out and cut its flows')
  disable(
    @PathText('name') name: string,
    @ValidQuery() query: ProjectQuery,
    @ValidBody() body: ReasonBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BackendOutcomeDto> {
    return this.run('disable', inProject(query, name), body, request, reply);
  }

  @Post('heartbeat')
  @HttpCode(202)
  @OptionalBody(HeartbeatBody)
  @ApiOperation({ summary: 'A heartbeat of a backend whose check is push' })
  @ApiAcceptedResponse({ type: HeartbeatAnswerDto })
  async heartbeat(
    @PathText('name') name: string,
    @ValidQuery() query: ProjectQuery,
    @ValidBody() { ok, detail }: HeartbeatBody,
  ): Promise<HeartbeatAnswerDto> {
    await this.commands.heartbeat({
      backend: inProject(query, name),
      ...(ok !== undefined && { ok }),
      ...(detail !== undefined && { detail }),
    });
    return { accepted: true };
  }

  private async run(
    command: BackendCommand,
    scoped: string,
    { reason }: ReasonBody,
    request: AuthorizedRequest,
    reply: FastifyReply,
  ): Promise<BackendOutcomeDto> {
    const { backend, pending, operation } = await this.commands.run({
      backend: scoped,
      command,
      ...authorOf(request),
      ...(reason !== undefined && { reason }),
    });
    if (pending) answerPending(reply, operation);
    return backend;
  }
}
