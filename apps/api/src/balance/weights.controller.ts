import { Controller, Delete, Put, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { formatTime, parseDuration, type WeightRequest } from '@signalbox/contracts';
import { type AuthorizedRequest, Clock } from '@signalbox/runtime';
import type { FastifyReply } from 'fastify';
import { ApiNoun } from '../http/api-answers.js';
import { authorOf } from '../http/author.js';
import { OptionalBody } from '../http/optional-body.js';
import { PathText } from '../http/path-text.js';
import { ValidBody } from '../http/valid-body.js';
import { ReasonBody } from './backend-commands.dto.js';
import { FrontendDto } from './frontends.dto.js';
import { WeightCommands } from './weight-commands.js';
import { WeightBody } from './weights.dto.js';

const PENDING = 'Stored, but not readable everywhere yet.';

@ApiNoun('frontends')
@Controller('v1/frontends/:frontend/pools/:pool/backends/:backend/weight')
export class WeightsController {
  constructor(
    private readonly weights: WeightCommands,
    private readonly clock: Clock,
  ) {}

  @Put()
  @ApiOperation({ summary: 'Set the weight of a backend in a pool at run time' })
  @ApiOkResponse({ type: FrontendDto })
  @ApiAcceptedResponse({ type: FrontendDto, description: PENDING })
  set(
    @PathText('frontend') frontend: string,
    @PathText('pool') pool: string,
    @PathText('backend') backend: string,
    @ValidBody() { weight, reason, expiresIn }: WeightBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FrontendDto> {
    const wanted: WeightRequest = {
      frontend,
      pool,
      backend,
      weight,
      author: authorOf(request),
      ...(reason !== undefined && { reason }),
      ...(expiresIn !== undefined && { expiresAt: formatTime(this.clock.now() + parseDuration(expiresIn)) }),
    };
    return this.run(wanted, reply);
  }

  @Delete()
  @OptionalBody(ReasonBody)
  @ApiOperation({ summary: 'Give the weight back to the config' })
  @ApiOkResponse({ type: FrontendDto })
  @ApiAcceptedResponse({ type: FrontendDto, description: PENDING })
  clear(
    @PathText('frontend') frontend: string,
    @PathText('pool') pool: string,
    @PathText('backend') backend: string,
    @ValidBody() { reason }: ReasonBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FrontendDto> {
    const author = authorOf(request);
    return this.run(
      { frontend, pool, backend, weight: null, author, ...(reason !== undefined && { reason }) },
      reply,
    );
  }

  private async run(request: WeightRequest, reply: FastifyReply): Promise<FrontendDto> {
    const { frontend, pending } = await this.weights.run(request);
    if (pending) reply.status(202);
    return frontend;
  }
}
