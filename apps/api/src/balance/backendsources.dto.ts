import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { SOURCE_STATES, SOURCE_WAYS, type SourceStatus, type SourceWay } from '@signalbox/contracts';
import { OriginDto } from './origin.js';

/** More than `maxRemovedPercent` would leave at once. */
export class HeldBackDto {
  @ApiProperty({ description: 'How many backends the source has no longer.' }) leaving: number;
  @ApiProperty({ description: 'Of how many.' }) of: number;
  @ApiProperty() since: string;
}

/** Why the last proposal of a source is not in the config. */
export class SourceRejectionDto {
  @ApiProperty({ description: 'An error code.' }) code: string;
  @ApiProperty() message: string;
  @ApiProperty() since: string;
}

/** The part that a source has in the config, or held back. */
export class SourcePartDto {
  @ApiProperty({ description: 'As `GET /v1/parts` names it.' }) source: string;
  @ApiProperty() generation: number;
  @ApiProperty({ enum: ['active', 'quarantined'] }) state: 'active' | 'quarantined';
  @ApiPropertyOptional({ description: 'Why it is held back.' }) reason?: string;
  @ApiProperty({ description: 'When it was accepted.' }) at: string;
}

export class BackendSourceDto {
  @ApiProperty() name: string;
  @ApiPropertyOptional({ description: 'Absent: default.' }) project?: string;
  @ApiProperty() description: string;
  @ApiProperty({ enum: SOURCE_WAYS, description: 'How it learns of backends.' }) way: SourceWay;
  @ApiPropertyOptional({ description: 'The Pool that its backends join.' }) pool?: string;
  @ApiPropertyOptional({
    enum: SOURCE_STATES,
    description: 'This and what is behind it, up to `rejected`, is absent while `balancer` does not say.',
  })
  state?: SourceStatus['state'];
  @ApiPropertyOptional({ description: 'Since when that is its state.' }) since?: string;
  @ApiPropertyOptional({ description: 'Why it is unavailable.' }) reason?: string;
  @ApiPropertyOptional({ description: 'Backends in pools that it brings.' }) endpoints?: number;
  @ApiPropertyOptional({ description: 'How many of them get nothing new.' }) draining?: number;
  @ApiPropertyOptional({ description: 'Too many would leave at once: all of them stay.' })
  heldBack?: HeldBackDto;
  @ApiPropertyOptional({ type: [String], description: 'What was left out, and why; at most 20.' })
  refused?: readonly string[];
  @ApiPropertyOptional({
    description: 'What it brought last is not in the config; what it brought before is.',
  })
  rejected?: SourceRejectionDto;
  @ApiPropertyOptional({ description: 'Absent: it has brought nothing yet.' }) part?: SourcePartDto;
  @ApiProperty() origin: OriginDto;
}
