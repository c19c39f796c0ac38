import { applyDecorators, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { AuthorizedRequest } from '@signalbox/runtime';
import type { FastifyReply } from 'fastify';
import { ApiNoun } from '../http/api-answers.js';
import { authorOf } from '../http/author.js';
import { answerPending } from '../http/change-answer.js';
import { OptionalBody } from '../http/optional-body.js';
import { PathText } from '../http/path-text.js';
import { ValidBody } from '../http/valid-body.js';
import { ReasonBody } from './backend-commands.dto.js';
import { NodeDrains } from './node-drains.js';
import { NodeDto } from './nodes.dto.js';

/** One operator command as a route. */
function Command(path: string, summary: string): MethodDecorator {
  return applyDecorators(
    Post(path),
    HttpCode(200),
    OptionalBody(ReasonBody),
    ApiOperation({ summary }),
    ApiOkResponse({ type: NodeDto }),
    ApiAcceptedResponse({ type: NodeDto, description: 'Stored, but not readable everywhere yet.' }),
  );
}

@ApiNoun('nodes')
@Controller('v1/nodes/:name')
export class NodeDrainsController {
  constructor(private readonly drains: NodeDrains) {}

  @Command(
    'drain',
    'Announce nothing from this node, and let no VIP be led by it; what still comes is served',
  )
  drain(
    @PathText('name') name: string,
    @ValidBody() body: ReasonBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NodeDto> {
    return this.run(name, true, body, request, reply);
  }

  @Command('undrain', 'Announce from this node again')
  undrain(
    @PathText('name') name: string,
    @ValidBody() body: ReasonBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NodeDto> {
    return this.run(name, false, body, request, reply);
  }

  private async run(
    name: string,
    drained: boolean,
    { reason }: ReasonBody,
    request: AuthorizedRequest,
    reply: FastifyReply,
  ): Promise<NodeDto> {
    const { node, pending, operation } = await this.drains.run({
      ...{ node: name, drained, ...authorOf(request) },
      ...(reason !== undefined && { reason }),
    });
    if (pending) answerPending(reply, operation);
    return node;
  }
}
