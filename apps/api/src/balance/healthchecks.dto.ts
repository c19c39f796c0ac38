import { ApiProperty } from '@nestjs/swagger';
import type { HealthCheckSpec } from '@signalbox/contracts';
import { OriginDto } from './origin.js';

export class HealthCheckDto {
  @ApiProperty() name: string;
  @ApiProperty({ type: Object, description: '`spec` of the resource HealthCheck.' }) spec: HealthCheckSpec;
  @ApiProperty({ type: [String], description: 'Backends that use it.' }) backends: readonly string[];
  @ApiProperty() origin: OriginDto;
}
