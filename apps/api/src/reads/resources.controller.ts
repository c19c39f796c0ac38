import { Controller, Delete, Get, Headers, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { type AuthorizedRequest, entityTag } from '@signalbox/runtime';
import type { FastifyReply } from 'fastify';
import { ApplyResultDto } from '../changes/apply.dto.js';
import { ApplyService } from '../changes/apply.service.js';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { authorOf } from '../http/author.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { DeleteQuery, ResourceItemDto, ResourceQuery, ResourcesQuery } from './resources.dto.js';
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

  @Delete(':kind/:name')
  @ApiOperation({ summary: 'Delete one resource', description: 'A changeset like any other.' })
  @ApiHeader({ name: 'If-Match', required: false, description: '`ETag` of the version that may be deleted.' })
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
      ...(ifMatch !== undefined && { ifMatch }),
    });
    if (result.pending) reply.status(202);
    return result;
  }
}
