import { Controller, Get, Param, ParseIntPipe } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { CodedError } from '@signalbox/contracts';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PageQuery } from '../http/page.query.js';
import { ValidQuery } from '../http/valid-query.js';
import { RevisedResourceDto, RevisionDto } from './revisions.dto.js';
import { RevisionsReader } from './revisions.reader.js';

const NUMBER = new ParseIntPipe({
  exceptionFactory: () =>
    new CodedError('not-found', 'a revision is a whole number: GET /v1/revisions lists them'),
});

@ApiNoun('resources')
@Controller('v1/revisions')
export class RevisionsController {
  constructor(private readonly revisions: RevisionsReader) {}

  @Get()
  @ApiOperation({ summary: 'Changesets of operator resources, newest first' })
  @ApiPage(RevisionDto)
  list(@ValidQuery() query: PageQuery): Promise<Page<RevisionDto>> {
    return this.revisions.list(query);
  }

  @Get(':revision')
  @ApiOperation({ summary: 'What one changeset did to which resources, by identity' })
  @ApiPage(RevisedResourceDto)
  changes(
    @Param('revision', NUMBER) revision: number,
    @ValidQuery() query: PageQuery,
  ): Promise<Page<RevisedResourceDto>> {
    return this.revisions.changes(revision, query);
  }
}
