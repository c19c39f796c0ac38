import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiNoun } from '../http/api-answers.js';
import { VitalsDto } from './vitals.dto.js';
import { VitalsReader } from './vitals.reader.js';

@ApiNoun('doctor')
@Controller('v1/vitals')
export class VitalsController {
  constructor(private readonly vitals: VitalsReader) {}

  @Get()
  @ApiOperation({
    summary: 'What goes on right now, in numbers: facts, runs, backends, deliveries, consumers',
  })
  @ApiOkResponse({ type: VitalsDto })
  read(): Promise<VitalsDto> {
    return this.vitals.read();
  }
}
