import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiHeader, ApiNotModifiedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { PageQuery } from '../http/page.query.js';
import { ValidQuery } from '../http/valid-query.js';
import { AtQuery, ChangesQuery, ConfigChangesDto } from './config-history.dto.js';
import { ConfigHistoryReader } from './config-history.reader.js';
import { EffectiveConfigDto, EffectiveDiffDto, GenerationDto } from './effective-config.dto.js';
import { EffectiveConfigReader } from './effective-config.reader.js';
import { ResourceExplanationDto, VersionDto, VersionsQuery } from './resource-history.dto.js';
import { ResourceHistoryReader } from './resource-history.reader.js';
import { ResourceQuery } from './resources.dto.js';

const JSON_TYPE = 'application/json; charset=utf-8';

@ApiNoun('effective-config')
@Controller('v1/effective-config')
export class EffectiveConfigController {
  constructor(
    private readonly effectiveConfig: EffectiveConfigReader,
    private readonly history: ConfigHistoryReader,
    private readonly ofResource: ResourceHistoryReader,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'The effective config as a Router document',
    description:
      '`ETag` is another with every answer that is another: generation, annotations, parts held back. With `at`, what was answered then, without `ETag`: 404 before the first generation, 410 when it is no longer kept.',
  })
  @ApiHeader({
    name: 'If-None-Match',
    required: false,
    description: '`ETag` of an earlier answer: 304 while it would be the same, without reading it.',
  })
  @ApiOkResponse({ type: EffectiveConfigDto })
  @ApiNotModifiedResponse({ description: 'As `If-None-Match` has it.' })
  async current(
    @ValidQuery() { at }: AtQuery,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    if (at !== undefined) {
      reply.header('content-type', JSON_TYPE);
      return this.history.at(at);
    }
    const { tag, text } = await this.effectiveConfig.current(known);
    reply.header('etag', tag);
    if (text === undefined) reply.status(304);
    else reply.header('content-type', JSON_TYPE);
    return text;
  }

  @Get('changes')
  @ApiOperation({
    summary: 'What changed between two moments, field by field',
    description:
      'By identity, paged: `limit` counts versions, of which some may have come back as they were.',
  })
  @ApiOkResponse({ type: ConfigChangesDto })
  changes(@ValidQuery() query: ChangesQuery): Promise<ConfigChangesDto> {
    return this.history.changes(query);
  }

  @Get('diff')
  @ApiOperation({ summary: 'What parts add to and hide from the operator resources' })
  @ApiOkResponse({ type: EffectiveDiffDto })
  diff(): Promise<EffectiveDiffDto> {
    return this.effectiveConfig.diff();
  }

  @Get('generations')
  @ApiOperation({ summary: 'History of generations, newest first: when, who, why, what' })
  @ApiPage(GenerationDto)
  generations(@ValidQuery() query: PageQuery): Promise<Page<GenerationDto>> {
    return this.history.generations(query);
  }

  @Get('resources/:kind/:name')
  @ApiOperation({
    summary: 'Where a resource came from, or when and why it went',
    description:
      'Down to the run, the facts and who observed them, or to the changeset. `kind` may name its API group.',
  })
  @ApiOkResponse({ type: ResourceExplanationDto })
  explain(
    @PathText('kind') kind: string,
    @PathText('name') name: string,
    @ValidQuery() query: ResourceQuery,
  ): Promise<ResourceExplanationDto> {
    return this.ofResource.explain({ kind, name, ...query });
  }

  @Get('resources/:kind/:name/versions')
  @ApiOperation({ summary: 'Every version of a resource, newest first: when, who and why' })
  @ApiPage(VersionDto)
  versions(
    @PathText('kind') kind: string,
    @PathText('name') name: string,
    @ValidQuery() query: VersionsQuery,
  ): Promise<Page<VersionDto>> {
    const { project, apiVersion } = query;
    return this.ofResource.versions(
      {
        kind,
        name,
        ...(project !== undefined && { project }),
        ...(apiVersion !== undefined && { apiVersion }),
      },
      query,
    );
  }
}
