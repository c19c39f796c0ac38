import { Controller, Headers, Put, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { AuthorizedRequest } from '@signalbox/runtime';
import type { FastifyReply } from 'fastify';
import { ApplyResultDto } from '../changes/apply.dto.js';
import { ApplyService } from '../changes/apply.service.js';
import { ApiNoun } from '../http/api-answers.js';
import { authorOf } from '../http/author.js';
import { answerChange } from '../http/change-answer.js';
import { ComparesRevision, seen } from '../http/preconditions.js';
import { PathText } from '../http/path-text.js';
import { ProjectQuery } from '../http/project.query.js';
import { ValidBody } from '../http/valid-body.js';
import { ValidQuery } from '../http/valid-query.js';
import { MembersBody } from './pool-members.dto.js';

@ApiNoun('pools')
@Controller('v1/pools/:pool/members')
export class PoolMembersController {
  constructor(private readonly applies: ApplyService) {}

  @Put()
  @ApiOperation({
    summary: 'Replace all PoolMembers of a Pool',
    description:
      'One changeset: members that are not given are removed. Backends that the Pool names itself stay.',
  })
  @ComparesRevision()
  @ApiOkResponse({ type: ApplyResultDto })
  @ApiAcceptedResponse({ type: ApplyResultDto, description: 'Stored; `waitingFor` has not followed yet.' })
  async replace(
    @PathText('pool') pool: string,
    @ValidQuery() query: ProjectQuery,
    @ValidBody() { members }: MembersBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApplyResultDto> {
    const result = await this.applies.replaceMembers({
      ...query,
      pool,
      members,
      ...authorOf(request),
      ...seen(ifMatch),
    });
    return answerChange(result, reply);
  }
}
