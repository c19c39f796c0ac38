import { Controller, Get, HttpCode, Post, StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiProduces, getSchemaPath } from '@nestjs/swagger';
import { ApiNoun } from '../http/api-answers.js';
import { ValidQuery } from '../http/valid-query.js';
import { ProjectionVerifications } from './projection-verifications.js';
import { ProjectionReportDto, ProjectionsDto, VerifyFailedDto, VerifyQuery } from './projections.dto.js';
import { ProjectionsReader } from './projections.reader.js';

const NDJSON = 'application/x-ndjson';

@ApiNoun('projections')
@Controller('v1/projections')
export class ProjectionsController {
  constructor(
    private readonly projections: ProjectionsReader,
    private readonly verifications: ProjectionVerifications,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Tables that are folded from streams, and how far they are' })
  @ApiOkResponse({ type: ProjectionsDto })
  async list(): Promise<ProjectionsDto> {
    return { items: await this.projections.list() };
  }

  @Post('verify')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Fold projections again and compare',
    description:
      'Folds the stream of each from its first message beside the live tables and compares both at equal positions. ' +
      'Answers one line of JSON for each projection as soon as it is done; empty lines keep the connection alive. ' +
      'The last line is an error when it broke off. Leaving ends it. 409 `verify-running` while another one runs.',
  })
  @ApiProduces(NDJSON)
  @ApiExtraModels(ProjectionReportDto, VerifyFailedDto)
  @ApiOkResponse({
    content: {
      [NDJSON]: {
        schema: {
          oneOf: [ProjectionReportDto, VerifyFailedDto].map((line) => ({ $ref: getSchemaPath(line) })),
        },
      },
    },
  })
  async verify(@ValidQuery() { name }: VerifyQuery): Promise<StreamableFile> {
    return new StreamableFile(await this.verifications.start(name), { type: NDJSON });
  }
}
