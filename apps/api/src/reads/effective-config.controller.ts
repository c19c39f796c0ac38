import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiHeader, ApiNotModifiedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PageQuery } from '../http/page.query.js';
import { ValidQuery } from '../http/valid-query.js';
import { EffectiveConfigDto, EffectiveDiffDto, GenerationDto } from './effective-config.dto.js';
import { EffectiveConfigReader } from './effective-config.reader.js';

@ApiNoun('effective-config')
@Controller('v1/effective-config')
export class EffectiveConfigController {
  constructor(private readonly effectiveConfig: EffectiveConfigReader) {}

  @Get()
  @ApiOperation({
    summary: 'The effective config as a Router document',
    description:
      '`ETag` is another with every answer that is another: generation, annotations, parts held back.',
  })
  @ApiHeader({
    name: 'If-None-Match',
    required: false,
    description: '`ETag` of an earlier answer: 304 while it would be the same, without reading it.',
  })
  @ApiOkResponse({ type: EffectiveConfigDto })
  @ApiNotModifiedResponse({ description: 'As `If-None-Match` has it.' })
  async current(
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const { tag, text } = await this.effectiveConfig.current(known);
    reply.header('etag', tag);
    if (text === undefined) reply.status(304);
    else reply.header('content-type', 'application/json; charset=utf-8');
    return text;
  }

  @Get('diff')
  @ApiOperation({ summary: 'What parts add to and hide from the operator resources' })
  @ApiOkResponse({ type: EffectiveDiffDto })
  diff(): Promise<EffectiveDiffDto> {
    return this.effectiveConfig.diff();
  }

  @Get('generations')
  @ApiOperation({ summary: 'History of generations, newest first' })
  @ApiPage(GenerationDto)
  generations(@ValidQuery() query: PageQuery): Promise<Page<GenerationDto>> {
    return this.effectiveConfig.generations(query);
  }
}
