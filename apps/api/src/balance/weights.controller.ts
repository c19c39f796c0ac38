import { Controller, Delete, Put, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  getSchemaPath,
} from '@nestjs/swagger';
import { formatTime, parseDuration, type WeightRequest } from '@signalbox/contracts';
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
import { ReasonBody } from './backend-commands.dto.js';
import { FrontendDto } from './frontends.dto.js';
import { inProject } from './in-project.js';
import { ListenerDto } from './listeners.dto.js';
import { WeightCommands } from './weight-commands.js';
import { WeightBody } from './weights.dto.js';

/** A frontend is declared as a Frontend or as a Listener. */
const ANSWER = {
  schema: { oneOf: [FrontendDto, ListenerDto].map((type) => ({ $ref: getSchemaPath(type) })) },
};
const PENDING = 'Stored, but not readable everywhere yet.';

@ApiNoun('frontends')
@ApiExtraModels(ListenerDto)
@Controller('v1/frontends/:frontend/pools/:pool/backends/:backend/weight')
export class WeightsController {
  constructor(
    private readonly weights: WeightCommands,
    private readonly clock: Clock,
  ) {}

  @Put()
  @ApiOperation({ summary: 'Set the weight of a backend in a pool at run time' })
  @ApiOkResponse(ANSWER)
  @ApiAcceptedResponse({ ...ANSWER, description: PENDING })
  set(
    @PathText('frontend') frontend: string,
    @PathText('pool') pool: string,
    @PathText('backend') backend: string,
    @ValidQuery() query: ProjectQuery,
    @ValidBody() { weight, reason, expiresIn }: WeightBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FrontendDto | ListenerDto> {
    const wanted: WeightRequest = {
      frontend: inProject(query, frontend),
      pool,
      backend: inProject(query, backend),
      weight,
      ...authorOf(request),
      ...(reason !== undefined && { reason }),
      ...(expiresIn !== undefined && { expiresAt: formatTime(this.clock.now() + parseDuration(expiresIn)) }),
    };
    return this.run(wanted, reply);
  }

  @Delete()
  @OptionalBody(ReasonBody)
  @ApiOperation({ summary: 'Give the weight back to the config' })
  @ApiOkResponse(ANSWER)
  @ApiAcceptedResponse({ ...ANSWER, description: PENDING })
  clear(
    @PathText('frontend') frontend: string,
    @PathText('pool') pool: string,
    @PathText('backend') backend: string,
    @ValidQuery() query: ProjectQuery,
    @ValidBody() { reason }: ReasonBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FrontendDto | ListenerDto> {
    const cleared: WeightRequest = {
      frontend: inProject(query, frontend),
      pool,
      backend: inProject(query, backend),
      weight: null,
      ...authorOf(request),
      ...(reason !== undefined && { reason }),
    };
    return this.run(cleared, reply);
  }

  private async run(request: WeightRequest, reply: FastifyReply): Promise<FrontendDto | ListenerDto> {
    const { frontend, pending, operation } = await this.weights.run(request);
    if (pending) answerPending(reply, operation);
    return frontend;
  }
}
