import { Body, Controller, Headers, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { type AuthorizedRequest, TextBody } from '@signalbox/runtime';
import type { FastifyReply } from 'fastify';
import { ApiNoun } from '../http/api-answers.js';
import { authorOf } from '../http/author.js';
import { answerChange } from '../http/change-answer.js';
import { ComparesRevision, seen } from '../http/preconditions.js';
import { ValidQuery } from '../http/valid-query.js';
import { GivenDocuments } from '../openapi/given-documents.js';
import { ApplyQuery, ApplyResultDto } from './apply.dto.js';
import { ApplyService } from './apply.service.js';

@ApiNoun('resources')
@Controller('v1/apply')
export class ApplyController {
  constructor(private readonly applies: ApplyService) {}

  @Post()
  @TextBody()
  @HttpCode(200)
  @ApiOperation({ summary: 'Apply resources', description: 'Many documents, one atomic changeset.' })
  @GivenDocuments()
  @ComparesRevision()
  @ApiOkResponse({ type: ApplyResultDto })
  @ApiAcceptedResponse({ type: ApplyResultDto, description: 'Stored; `waitingFor` has not followed yet.' })
  async apply(
    @ValidQuery() query: ApplyQuery,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApplyResultDto> {
    const text = typeof body === 'string' ? body : JSON.stringify(body ?? null);
    const result = await this.applies.apply({ ...query, text, ...authorOf(request), ...seen(ifMatch) });
    return answerChange(result, reply);
  }
}
