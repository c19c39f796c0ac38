import { Controller, Headers, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { AuthorizedRequest } from '@signalbox/runtime';
import type { FastifyReply } from 'fastify';
import { ApiNoun } from '../http/api-answers.js';
import { authorOf } from '../http/author.js';
import { answerChange } from '../http/change-answer.js';
import { ComparesRevision, seen } from '../http/preconditions.js';
import { ValidQuery } from '../http/valid-query.js';
import { ApplyResultDto } from './apply.dto.js';
import { ApplyService } from './apply.service.js';
import { PastResources } from './past-resources.js';
import { RollbackQuery } from './rollback.dto.js';

@ApiNoun('resources')
@Controller('v1/rollback')
export class RollbackController {
  constructor(
    private readonly applies: ApplyService,
    private readonly past: PastResources,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Bring all operator resources back to how they stood at a revision',
    description: 'A new changeset, checked like any other: nothing of what happened since is lost.',
  })
  @ComparesRevision()
  @ApiOkResponse({ type: ApplyResultDto })
  @ApiAcceptedResponse({ type: ApplyResultDto, description: 'Stored; `waitingFor` has not followed yet.' })
  async rollback(
    @ValidQuery() { to, ...query }: RollbackQuery,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApplyResultDto> {
    const past = await this.past.at(to);
    const result = await this.applies.returnTo({
      ...query,
      revision: to,
      past,
      ...authorOf(request),
      ...seen(ifMatch),
    });
    return answerChange(result, reply);
  }
}
