import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { type Alarm, DEFAULT_PROJECT } from '@signalbox/contracts';
import { ApiNoun } from '../http/api-answers.js';
import { ValidQuery } from '../http/valid-query.js';
import { AlarmsDto, AlarmsQuery } from './alarms.dto.js';
import { AlarmsReader } from './alarms.reader.js';

@ApiNoun('alarms')
@Controller('v1/alarms')
export class AlarmsController {
  constructor(private readonly alarms: AlarmsReader) {}

  @Get()
  @ApiOperation({ summary: 'What is wrong now, silenced ones among them' })
  @ApiOkResponse({ type: AlarmsDto })
  async list(@ValidQuery() { project }: AlarmsQuery): Promise<AlarmsDto> {
    const alarms = await this.alarms.list();
    return { items: project === undefined ? alarms : alarms.filter((alarm) => projectOf(alarm) === project) };
  }
}

/** What is wrong with the site itself stands in `default`. */
function projectOf({ project = DEFAULT_PROJECT }: Alarm): string {
  return project;
}
