import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiNoun } from '../http/api-answers.js';
import { AlarmsDto } from './alarms.dto.js';
import { AlarmsReader } from './alarms.reader.js';

@ApiNoun('alarms')
@Controller('v1/alarms')
export class AlarmsController {
  constructor(private readonly alarms: AlarmsReader) {}

  @Get()
  @ApiOperation({ summary: 'What is wrong now, silenced ones among them' })
  @ApiOkResponse({ type: AlarmsDto })
  async list(): Promise<AlarmsDto> {
    return { items: await this.alarms.list() };
  }
}
