import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { HealthReport } from '@signalbox/runtime';

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

export class StatusDto {
  @ApiProperty({ description: 'nodeName of the EventGroup default, else the configured one.' }) node: string;
  @ApiProperty({ type: [GroupStatusDto] }) groups: readonly GroupStatusDto[];
  @ApiProperty() revision: number;
  @ApiProperty() generation: number;
  @ApiProperty({ description: 'Every part of this process is ready.' }) ready: boolean;
  @ApiProperty({ type: [PartStatusDto] }) parts: readonly PartStatusDto[];
}
