import { Body, Controller, Delete, Get, Headers, Put, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
} from '@nestjs/swagger';
import { type AuthorizedRequest, entityTag, TextBody } from '@signalbox/runtime';
import type { FastifyReply } from 'fastify';
import { ApplyResultDto } from '../changes/apply.dto.js';
import { ApplyService } from '../changes/apply.service.js';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { authorOf } from '../http/author.js';
import { answerChange } from '../http/change-answer.js';
import { ComparesResource, type PreconditionHeaders, seen } from '../http/preconditions.js';
import { GivenDocuments } from '../openapi/given-documents.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { DeleteQuery, PutQuery, ResourceItemDto, ResourceQuery, ResourcesQuery } from './resources.dto.js';
import { ResourcesReader } from './resources.reader.js';

@ApiNoun('resources')
@Controller('v1/resources')
export class ResourcesController {
  constructor(
    private readonly resources: ResourcesReader,
    private readonly applies: ApplyService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Operator resources, sorted by identity' })
  @ApiPage(ResourceItemDto)
  list(@ValidQuery() query: ResourcesQuery): Promise<Page<ResourceItemDto>> {
    return this.resources.list(query);
  }

  @Get(':kind/:name')
  @ApiOperation({
    summary: 'One resource',
    description: '`ETag` = its revision. `kind` may name its API group: `HealthCheck.net.routerd.net`.',
  })
  @ApiOkResponse({ type: ResourceItemDto })
  async get(
    @PathText('kind') kind: string,
    @PathText('name') name: string,
    @ValidQuery() query: ResourceQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ResourceItemDto> {
    const item = await this.resources.get({ kind, name, ...query });
    reply.header('etag', entityTag(item.revision));
    return item;
  }

  @Put(':kind/:name')
  @TextBody()
  @GivenDocuments()
  @ApiOperation({
    summary: 'Make one resource what is given',
    description:
      'A changeset like any other. The body is the one resource that the path names; with `If-None-Match: *` it must be new.',
  })
  @ComparesResource()
  @ApiHeader({ name: 'If-None-Match', required: false, description: '`*`: only when it does not stand yet.' })
  @ApiOkResponse({ type: ApplyResultDto })
  @ApiCreatedResponse({ type: ApplyResultDto, description: 'It is new.' })
  @ApiAcceptedResponse({ type: ApplyResultDto, description: 'Stored; `waitingFor` has not followed yet.' })
  async put(
    @PathText('kind') kind: string,
    @PathText('name') name: string,
    @ValidQuery() query: PutQuery,
    @Body() body: unknown,
    @Headers() { 'if-match': ifMatch, 'if-none-match': ifNoneMatch }: PreconditionHeaders,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApplyResultDto> {
    const result = await this.applies.put({
      ...query,
      kind,
      name,
      text: typeof body === 'string' ? body : JSON.stringify(body ?? null),
      ...authorOf(request),
      isNew: ifNoneMatch?.trim() === '*',
      ...seen(ifMatch),
    });
    if (!result.dryRun && result.plan.some(({ action }) => action === 'added')) reply.status(201);
    return answerChange(result, reply);
  }

  @Delete(':kind/:name')
  @ApiOperation({ summary: 'Delete one resource', description: 'A changeset like any other.' })
  @ComparesResource()
  @ApiOkResponse({ type: ApplyResultDto })
  @ApiAcceptedResponse({ type: ApplyResultDto, description: 'Stored; `waitingFor` has not followed yet.' })
  async remove(
    @PathText('kind') kind: string,
    @PathText('name') name: string,
    @ValidQuery() query: DeleteQuery,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApplyResultDto> {
    const result = await this.applies.remove({
      kind,
      name,
      ...query,
      ...authorOf(request),
      ...seen(ifMatch),
    });
    return answerChange(result, reply);
  }
}
