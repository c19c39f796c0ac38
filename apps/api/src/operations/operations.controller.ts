import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty } from '@nestjs/swagger';
import { ApiNoun } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { Wait } from '../http/wait.js';
import { OperationsReader } from './operations.reader.js';

export class OperationQuery {
  @Wait() wait?: string;
}

export class OperationDto {
  @ApiProperty({ example: 'revision-17' }) id: string;
  @ApiProperty({ description: 'Everybody has followed, and all of it can be read.' }) done: boolean;
  @ApiProperty({ type: [String], description: 'Who has not followed yet.' }) waitingFor: readonly string[];
}

@ApiNoun('operations')
@Controller('v1/operations')
export class OperationsController {
  constructor(private readonly operations: OperationsReader) {}

  @Get(':id')
  @ApiOperation({
    summary: 'Whether a change that was answered with 202 can be read everywhere',
    description: 'The `Location` of that answer. Waits for the end as long as `wait` says.',
  })
  @ApiOkResponse({ type: OperationDto })
  get(@PathText('id') id: string, @ValidQuery() { wait }: OperationQuery): Promise<OperationDto> {
    return this.operations.get(id, wait);
  }
}
