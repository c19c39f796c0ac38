import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Page } from '../domain/cursor.js';
import { entityTag } from '../domain/entity-tag.js';
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
    description: '`ETag` = its generation.',
  })
  @ApiOkResponse({ type: EffectiveConfigDto })
  async current(@Res({ passthrough: true }) reply: FastifyReply): Promise<EffectiveConfigDto> {
    const { generation, document } = await this.effectiveConfig.current();
    reply.header('etag', entityTag(generation));
    return document;
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
