import { applyDecorators, Controller, Get, HttpCode, Post, StreamableFile, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiProduces, getSchemaPath } from '@nestjs/swagger';
import { ApiNoun } from '../http/api-answers.js';
import { ValidQuery } from '../http/valid-query.js';
import { ProjectionFolds } from './projection-folds.js';
import {
  FoldFailedDto,
  FoldQuery,
  ProjectionReportDto,
  ProjectionsDto,
  RebuildProgressDto,
  RebuildReportDto,
} from './projections.dto.js';
import { ProjectionsReader } from './projections.reader.js';

const NDJSON = 'application/x-ndjson';

/** Each line of the answer is one of these. */
function LinesOf(...lines: Type<unknown>[]): MethodDecorator {
  return applyDecorators(
    ApiProduces(NDJSON),
    ApiExtraModels(...lines),
    ApiOkResponse({
      content: { [NDJSON]: { schema: { oneOf: lines.map((line) => ({ $ref: getSchemaPath(line) })) } } },
    }),
  );
}

@ApiNoun('projections')
@Controller('v1/projections')
export class ProjectionsController {
  constructor(
    private readonly projections: ProjectionsReader,
    private readonly folds: ProjectionFolds,
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
  @LinesOf(ProjectionReportDto, FoldFailedDto)
  async verify(@ValidQuery() { name }: FoldQuery): Promise<StreamableFile> {
    return new StreamableFile(await this.folds.verify(name), { type: NDJSON });
  }

  @Post('rebuild')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Fold projections again and mend their tables',
    description:
      'Folds the stream of each from its first message, or the snapshot that stands for what has gone, beside the live tables ' +
      'and writes what differs to these in one transaction. Reads are answered meanwhile, and the service goes on. Answers ' +
      'lines of JSON: how far it is, and one with what was mended for each projection; empty lines keep the connection ' +
      'alive. The last line is an error when it broke off. Leaving ends it, with the live tables as they were. 409 ' +
      '`verify-running` while another one runs.',
  })
  @LinesOf(RebuildProgressDto, RebuildReportDto, FoldFailedDto)
  async rebuild(@ValidQuery() { name }: FoldQuery): Promise<StreamableFile> {
    return new StreamableFile(await this.folds.rebuild(name), { type: NDJSON });
  }
}
