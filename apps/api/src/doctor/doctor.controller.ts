import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiNoun } from '../http/api-answers.js';
import { ValidQuery } from '../http/valid-query.js';
import { DoctorDto, DoctorQuery } from './doctor.dto.js';
import { DoctorReader } from './doctor.reader.js';

@ApiNoun('doctor')
@Controller('v1/doctor')
export class DoctorController {
  constructor(private readonly doctor: DoctorReader) {}

  @Get()
  @ApiOperation({
    summary: 'Is everything well?',
    description:
      'Looks at services, NATS, Postgres, clocks, disk, keys, deliveries, runs, projections, consumers, dead letters and ' +
      'alarms; a few questions to each, however much is stored. Changes nothing. What does not answer is a check that fails.',
  })
  @ApiOkResponse({ type: DoctorDto })
  report(@ValidQuery() { area, plan = false }: DoctorQuery): Promise<DoctorDto> {
    return this.doctor.report(area, plan);
  }
}
