import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { WAITING_REASONS, type WaitingReason } from '@signalbox/contracts';
import type { Decision } from '../domain/verdict.js';
import { DeliveryItemDto } from './deliveries.dto.js';
import { DerivedResourceDto } from './effective-config.dto.js';
import { EventItemDto } from './events.dto.js';
import { PartItemDto } from './parts.dto.js';
import { RunItemDto } from './runs.dto.js';

class DecisionDto implements Decision {
  @ApiProperty() subscription: string;
  @ApiProperty() matched: boolean;
  @ApiPropertyOptional({ description: 'The first clause that failed.' }) clause?: string;
  @ApiPropertyOptional({ description: 'What was wanted and what was found.' }) message?: string;
  @ApiPropertyOptional({ description: 'It matched, and its run waits for this resource.' })
  waitsFor?: string;
  @ApiPropertyOptional({ description: 'The fact retracts under it: what it ends and when, or why nothing.' })
  retracts?: string;
  @ApiPropertyOptional({ enum: Object.keys(WAITING_REASONS), description: 'Why it waits.' })
  reason?: WaitingReason;
  @ApiPropertyOptional({
    description:
      'The subscription or its plugin changed at this revision since, for new facts only (`onChange: ignore`).',
  })
  changedAt?: number;
}

/** A fact; of one that is pruned what the records of its runs say of it. */
export class ExplainedEventDto extends PartialType(EventItemDto) {
  @ApiProperty() declare id: string;
  @ApiProperty() declare group: string;
  @ApiProperty() declare sourceNode: string;
  @ApiProperty() declare seq: number;
  @ApiPropertyOptional({ description: 'The fact is no longer kept: since when and why.' }) pruned?: string;
}

export class ExplanationDto {
  @ApiProperty() event: ExplainedEventDto;
  @ApiProperty({ description: 'Revision at which the fact was decided; 0 without subscriptions.' })
  revision: number;
  @ApiPropertyOptional({ type: [DeliveryItemDto], description: 'To peers, when the fact is ours.' })
  deliveries?: readonly DeliveryItemDto[];
  @ApiProperty({ type: [DecisionDto] }) decisions: readonly DecisionDto[];
  @ApiProperty({ type: [RunItemDto] }) runs: readonly RunItemDto[];
  @ApiProperty({ type: [PartItemDto] }) parts: readonly PartItemDto[];
  @ApiProperty({ type: [DerivedResourceDto] }) resources: readonly DerivedResourceDto[];
  @ApiProperty({ description: 'One sentence for people.' }) verdict: string;
}
