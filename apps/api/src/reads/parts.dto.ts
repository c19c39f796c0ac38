import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  type ActionPlan,
  type Directive,
  PART_STATES,
  type PartState,
  type Resource,
} from '@signalbox/contracts';
import { Flag } from '../http/flag.js';
import { PageQuery } from '../http/page.query.js';
import { TextFilter } from '../http/text-filter.js';
import { RunFactDto } from './runs.dto.js';

export class PartsQuery extends PageQuery {
  @TextFilter('Source.') source?: string;
  @TextFilter('Owner, such as `EventSubscription/claims`.') owner?: string;
  @TextFilter('State.', PART_STATES) state?: string;
  @Flag('With the bodies.') full: boolean = false;
}

class PartBodyDto {
  @ApiProperty({ type: [Object] }) resources: readonly Resource[];
  @ApiProperty({ type: [Object] }) directives: readonly Directive[];
  @ApiProperty({ type: [Object] }) actionPlans: readonly ActionPlan[];
}

/** A dynamic config part; resources, directives and actionPlans are counts. */
export class PartItemDto {
  @ApiProperty() source: string;
  @ApiProperty() owner: string;
  @ApiProperty() generation: number;
  @ApiProperty({ enum: PART_STATES }) state: PartState;
  @ApiProperty({ type: String, nullable: true }) reason: string | null;
  @ApiProperty() resources: number;
  @ApiProperty() directives: number;
  @ApiProperty() actionPlans: number;
  @ApiProperty() observedAt: string;
  /** Null: it is held until its owner proposes another one. */
  @ApiProperty({ type: String, nullable: true }) expiresAt: string | null;
  @ApiPropertyOptional({
    description: 'It was retracted: when its grace ends, or that of the first of its lineages.',
  })
  withdrawAt?: string;
  @ApiPropertyOptional({ description: 'Why it is to be withdrawn.' }) withdrawReason?: string;
  @ApiProperty() digest: string;
  @ApiProperty() runId: string;
  /** Absent in parts that no facts led to; the plugin is absent in those of a BackendSource. */
  @ApiProperty({ required: false }) subscription?: string;
  @ApiProperty({ required: false }) plugin?: string;
  @ApiProperty({ type: [RunFactDto] }) facts: readonly RunFactDto[];
  @ApiPropertyOptional({ description: 'Whom it belongs to since its owner was renamed.' })
  handedOverTo?: string;
  @ApiProperty() createdAt: string;
  @ApiProperty() updatedAt: string;
  @ApiPropertyOptional() body?: PartBodyDto;
}
