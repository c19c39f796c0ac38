import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { HealthReport } from '@signalbox/runtime';
import { AlarmDto } from '../balance/alarms.dto.js';

class StreamStateDto {
  @ApiProperty() messages: number;
  @ApiProperty() bytes: number;
  @ApiProperty() lastSeq: number;
}

export class GroupStatusDto {
  @ApiProperty() name: string;
  @ApiProperty() nodeName: string;
  @ApiProperty() stream: StreamStateDto;
}

class PartStatusDto implements HealthReport {
  @ApiProperty() name: string;
  @ApiProperty() ready: boolean;
  @ApiPropertyOptional() reason?: string;
}

class AlarmSummaryDto {
  @ApiProperty({ description: 'How many there are, silenced ones among them.' }) count: number;
  @ApiProperty({ type: [AlarmDto], description: 'The first of them; `GET /v1/alarms` has all.' })
  first: readonly AlarmDto[];
}

export class StatusDto {
  @ApiProperty({ description: 'nodeName of the EventGroup default, else the configured one.' }) node: string;
  @ApiProperty({ type: [GroupStatusDto] }) groups: readonly GroupStatusDto[];
  @ApiProperty() revision: number;
  @ApiProperty() generation: number;
  @ApiProperty({ description: 'Every part of this process is ready.' }) ready: boolean;
  @ApiProperty({ type: [PartStatusDto] }) parts: readonly PartStatusDto[];
  @ApiProperty({ description: 'What is wrong now. It never makes the site unready.' })
  alarms: AlarmSummaryDto;
}
