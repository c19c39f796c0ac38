import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { formatTime, parseDuration } from '@signalbox/contracts';
import { type AuthorizedRequest, Clock } from '@signalbox/runtime';
import type { FastifyReply } from 'fastify';
import { ApiNoun } from '../http/api-answers.js';
import { authorOf } from '../http/author.js';
import { answerPending } from '../http/change-answer.js';
import { OptionalBody } from '../http/optional-body.js';
import { PathText } from '../http/path-text.js';
import { ProjectQuery } from '../http/project.query.js';
import { ValidBody } from '../http/valid-body.js';
import { ValidQuery } from '../http/valid-query.js';
import { DrainBody, DrainDto, UndrainBody } from './drains.dto.js';
import { type DrainRequest, Drains } from './drains.js';
import { inProject } from './in-project.js';

const PENDING = 'Stored, but not readable everywhere yet.';

@ApiNoun('backends')
@Controller('v1/backends/:name')
export class DrainsController {
  constructor(
    private readonly drains: Drains,
    private readonly clock: Clock,
  ) {}

  @Post('drain')
  @HttpCode(200)
  @OptionalBody(DrainBody)
  @ApiOperation({
    summary: 'No new connections for it: the weight 0 wherever it is a target, or in one listener',
  })
  @ApiOkResponse({ type: DrainDto })
  @ApiAcceptedResponse({ type: DrainDto, description: PENDING })
  drain(
    @PathText('name') name: string,
    @ValidQuery() query: ProjectQuery,
    @ValidBody() { expiresIn, ...body }: DrainBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DrainDto> {
    const expiresAt =
      expiresIn === undefined ? {} : { expiresAt: formatTime(this.clock.now() + parseDuration(expiresIn)) };
    return this.run({ ...placeOf(name, query, body), weight: 0, ...authorOf(request), ...expiresAt }, reply);
  }

  @Post('undrain')
  @HttpCode(200)
  @OptionalBody(UndrainBody)
  @ApiOperation({ summary: 'Its weights go back to those of the config' })
  @ApiOkResponse({ type: DrainDto })
  @ApiAcceptedResponse({ type: DrainDto, description: PENDING })
  undrain(
    @PathText('name') name: string,
    @ValidQuery() query: ProjectQuery,
    @ValidBody() body: UndrainBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DrainDto> {
    return this.run({ ...placeOf(name, query, body), weight: null, ...authorOf(request) }, reply);
  }

  private async run(request: DrainRequest, reply: FastifyReply): Promise<DrainDto> {
    const { drain, pending, operation } = await this.drains.run(request);
    if (pending) answerPending(reply, operation);
    return drain;
  }
}

function placeOf(
  name: string,
  query: ProjectQuery,
  { reason, listener }: UndrainBody,
): Pick<DrainRequest, 'backend' | 'listener' | 'reason'> {
  return {
    backend: inProject(query, name),
    ...(listener !== undefined && { listener: inProject(query, listener) }),
    ...(reason !== undefined && { reason }),
  };
}
