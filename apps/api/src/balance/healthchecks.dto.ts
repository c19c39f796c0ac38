import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { HealthCheckSpec } from '@signalbox/contracts';
import { PageQuery } from '../http/page.query.js';
import { ProjectFilter } from '../http/project.query.js';
import { OriginDto } from './origin.js';

export class HealthChecksQuery extends PageQuery {
  @ProjectFilter('Project, all of them when left out.') project?: string;
}

export class HealthCheckDto {
  @ApiProperty() name: string;
  @ApiPropertyOptional({ description: 'Absent: default. Its backends are of the same.' }) project?: string;
  @ApiProperty({ type: Object, description: '`spec` of the resource HealthCheck.' }) spec: HealthCheckSpec;
  @ApiProperty({ type: [String], description: 'Backends that use it.' }) backends: readonly string[];
  @ApiProperty() origin: OriginDto;
}
