import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiNoun } from '../http/api-answers.js';
import { StatusDto } from './status.dto.js';
import { StatusReader } from './status.reader.js';

@ApiNoun('status')
@Controller('v1/status')
export class StatusController {
  constructor(private readonly site: StatusReader) {}

  @Get()
  @ApiOperation({ summary: 'Node, groups, revision, generation, readiness' })
  @ApiOkResponse({ type: StatusDto })
  status(): Promise<StatusDto> {
    return this.site.status();
  }
}
