import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  type Algorithm,
  ALGORITHMS,
  ALL_DOWN_MODES,
  type AllDownMode,
  BACKEND_STATES,
  type BackendState,
  FRONTEND_STATES,
  type FrontendState,
  POOL_ACTIVATIONS,
  type PoolActivation,
  WEIGHT_RULES,
  type WeightReason,
  type WeightRule,
} from '@signalbox/contracts';
import { PageQuery } from '../http/page.query.js';
import { ProjectFilter } from '../http/project.query.js';
import { OriginDto } from './origin.js';

class WeightReasonDto implements WeightReason {
  @ApiProperty({ enum: WEIGHT_RULES }) rule: WeightRule;
  @ApiProperty({ description: 'The same for people.' }) text: string;
}

export class WeightOverrideDto {
  @ApiProperty() weight: number;
  @ApiProperty() author: string;
  @ApiPropertyOptional() reason?: string;
  @ApiProperty() at: string;
  @ApiPropertyOptional() expiresAt?: string;
}

const TARGET_STATES = [...BACKEND_STATES, 'missing'] as const;

export class FrontendTargetDto {
  @ApiProperty() name: string;
  @ApiPropertyOptional({ description: 'Absent while the backend is not in the effective config.' })
  address?: string;
  @ApiPropertyOptional({ description: 'Absent: the port of the VIP.' }) port?: number;
  @ApiProperty({ enum: TARGET_STATES, description: '`missing`: no record tells of it.' })
  state: BackendState | 'missing';
  @ApiProperty({ description: 'Not disabled.' }) enabled: boolean;
  @ApiProperty({ minimum: 0, maximum: 100, description: 'Of the config, or of the override.' })
  weight: number;
  @ApiProperty({ minimum: 0, maximum: 100, description: 'What the data plane must use.' }) effective: number;
  @ApiProperty({ description: 'Its flows are to be cut.' }) flush: boolean;
  @ApiProperty() why: WeightReasonDto;
  @ApiProperty({ description: 'When it was last recorded.' }) since: string;
  @ApiPropertyOptional({ description: 'A weight that an operator set at run time.' })
  override?: WeightOverrideDto;
}

export class PoolDto {
  @ApiProperty() name: string;
  @ApiProperty({ type: [FrontendTargetDto] }) backends: readonly FrontendTargetDto[];
}

/** What lists of a project are asked for. */
export class FrontendsQuery extends PageQuery {
  @ProjectFilter('Project, all of them when left out.') project?: string;
}

export class FrontendDto {
  @ApiProperty() name: string;
  @ApiPropertyOptional({ description: 'Absent: default. Its backends are of the same.' }) project?: string;
  @ApiProperty() description: string;
  @ApiProperty() address: string;
  @ApiProperty({ enum: ['tcp', 'udp', 'any'] }) protocol: 'tcp' | 'udp' | 'any';
  @ApiProperty({ description: '0 = all ports.' }) port: number;
  @ApiProperty({ enum: FRONTEND_STATES }) state: FrontendState;
  @ApiProperty({ description: 'When it entered its state.' }) since: string;
  @ApiProperty({ description: 'The pool that gets traffic, or would.' }) activePool: string;
  @ApiPropertyOptional({ enum: ALGORITHMS, description: 'Absent: maglev.' }) algorithm?: Algorithm;
  @ApiProperty() srcIpSticky: boolean;
  @ApiProperty() flushOnDown: boolean;
  @ApiPropertyOptional() failbackDelay?: string;
  @ApiPropertyOptional() minUp?: number;
  @ApiPropertyOptional({ enum: POOL_ACTIVATIONS }) poolActivation?: PoolActivation;
  @ApiPropertyOptional() slowStart?: string;
  @ApiPropertyOptional({ enum: ALL_DOWN_MODES }) allDown?: AllDownMode;
  @ApiProperty({ type: [PoolDto], description: 'In order of preference.' }) pools: readonly PoolDto[];
  @ApiProperty() origin: OriginDto;
}
