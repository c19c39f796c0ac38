import { applyDecorators, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { BackendCommand } from '@signalbox/contracts';
import type { AuthorizedRequest } from '@signalbox/runtime';
import type { FastifyReply } from 'fastify';
import { ApiNoun } from '../http/api-answers.js';
import { authorOf } from '../http/author.js';
import { OptionalBody } from '../http/optional-body.js';
import { PathText } from '../http/path-text.js';
import { ValidBody } from '../http/valid-body.js';
import { BackendOutcomeDto, HeartbeatAnswerDto, HeartbeatBody, ReasonBody } from './backend-commands.dto.js';
import { BackendCommands } from './backend-commands.js';

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
    @ValidBody() body: ReasonBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BackendOutcomeDto> {
    return this.run('pause', name, body, request, reply);
  }

  @Command('resume', 'Probe it again after a pause')
  resume(
    @PathText('name') name: string,
    @ValidBody() body: ReasonBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BackendOutcomeDto> {
    return this.run('resume', name, body, request, reply);
  }

  @Command('enable', 'Take it back in')
  enable(
    @PathText('name') name: string,
    @ValidBody() body: ReasonBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BackendOutcomeDto> {
    return this.run('enable', name, body, request, reply);
  }

  @Command('disable', 'Take it out and cut its flows')
  disable(
    @PathText('name') name: string,
    @ValidBody() body: ReasonBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BackendOutcomeDto> {
    return this.run('disable', name, body, request, reply);
  }

  @Post('heartbeat')
  @HttpCode(202)
  @OptionalBody(HeartbeatBody)
  @ApiOperation({ summary: 'A heartbeat of a backend whose check is push' })
  @ApiAcceptedResponse({ type: HeartbeatAnswerDto })
  async heartbeat(
    @PathText('name') backend: string,
    @ValidBody() { ok, detail }: HeartbeatBody,
  ): Promise<HeartbeatAnswerDto> {
    await this.commands.heartbeat({
      backend,
      ...(ok !== undefined && { ok }),
      ...(detail !== undefined && { detail }),
    });
    return { accepted: true };
  }

  private async run(
    command: BackendCommand,
    name: string,
    { reason }: ReasonBody,
    request: AuthorizedRequest,
    reply: FastifyReply,
  ): Promise<BackendOutcomeDto> {
    const { backend, pending } = await this.commands.run({
      backend: name,
      command,
      author: authorOf(request),
      ...(reason !== undefined && { reason }),
    });
    if (pending) reply.status(202);
    return backend;
  }
}
