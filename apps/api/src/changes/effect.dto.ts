import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  type ErrorCode,
  ERRORS,
  FRONTEND_STATES,
  type FrontendStanding,
  type TargetPlan,
  VIP_HOLDERS,
  WEIGHT_RULES,
  WEIGHT_WARNINGS,
  type WeightReason,
  type WeightShare,
} from '@signalbox/contracts';
import type {
  Effect,
  EffectiveChange,
  EffectiveEffect,
  FrontendEffect,
  Unanswered,
  VipEffect,
  WeightEffect,
  WeightWarningItem,
} from '../domain/effect.js';
import { QuarantinedPartDto, SuppressedResourceDto } from '../reads/effective-config.dto.js';
import { FieldChangeDto } from './field-change.dto.js';

class AffectedResourceDto {
  @ApiProperty() apiVersion: string;
  @ApiProperty() kind: string;
  @ApiProperty() project: string;
  @ApiProperty() name: string;
}

class EffectiveChangeDto extends AffectedResourceDto implements EffectiveChange {
  @ApiProperty({ enum: ['added', 'changed', 'removed'] }) action: EffectiveChange['action'];
  @ApiPropertyOptional({
    description: 'Source of the part that it would stem from; that it stems from, when removed.',
  })
  source?: string;
  @ApiPropertyOptional({
    type: [FieldChangeDto],
    description: 'Of `changed`, without provenance annotations.',
  })
  fields?: readonly FieldChangeDto[];
}

class EffectiveEffectDto implements EffectiveEffect {
  @ApiProperty({ description: 'Generation that it is compared with.' }) generation: number;
  @ApiProperty({ description: 'Revision of the operator resources in it.' }) revision: number;
  @ApiProperty({ type: [EffectiveChangeDto], description: 'Sorted by identity.' })
  changes: readonly EffectiveChangeDto[];
  @ApiProperty({ type: [QuarantinedPartDto], description: 'Parts that would no longer merge, and why.' })
  quarantined: readonly QuarantinedPartDto[];
  @ApiProperty({
    type: [QuarantinedPartDto],
    description: 'Parts that would merge again; `reason` is what holds them back now.',
  })
  restored: readonly QuarantinedPartDto[];
  @ApiProperty({ type: [SuppressedResourceDto], description: 'Operator resources that masks would hide.' })
  masked: readonly SuppressedResourceDto[];
  @ApiProperty({ type: [AffectedResourceDto], description: 'Those that no mask would hide any more.' })
  shown: readonly AffectedResourceDto[];
  @ApiProperty({
    type: [QuarantinedPartDto],
    description: 'Parts that would end because who stands for them goes.',
  })
  withdrawn: readonly QuarantinedPartDto[];
  @ApiProperty({
    type: [AffectedResourceDto],
    description: 'Given resources that bring parts by themselves: what these will have is not known before.',
  })
  undecided: readonly AffectedResourceDto[];
}

class WeightReasonDto implements WeightReason {
  @ApiProperty({ enum: WEIGHT_RULES }) rule: WeightReason['rule'];
  @ApiProperty() text: string;
  @ApiPropertyOptional() until?: string;
}

class WeightShareDto implements WeightShare {
  @ApiProperty({ minimum: 0, maximum: 100 }) effective: number;
  @ApiProperty({
    minimum: 0,
    maximum: 100,
    description: 'Percent of new connections of the frontend, or of what its policies send to the pool.',
  })
  share: number;
}

class WeightAfterDto extends WeightShareDto {
  @ApiProperty() why: WeightReasonDto;
}

class TargetEffectDto implements TargetPlan {
  @ApiProperty() pool: string;
  @ApiProperty() backend: string;
  @ApiPropertyOptional({ description: 'Absent: it would be new.' }) before?: WeightShareDto;
  @ApiPropertyOptional({ description: 'Absent: it would leave.' }) after?: WeightAfterDto;
}

class FrontendStandingDto implements FrontendStanding {
  @ApiProperty({ enum: FRONTEND_STATES }) state: FrontendStanding['state'];
  @ApiProperty() activePool: string;
}

class FrontendEffectDto implements FrontendEffect {
  @ApiProperty() project: string;
  @ApiProperty({ description: 'Frontend or Listener.' }) frontend: string;
  @ApiPropertyOptional({ description: 'Absent: it would be new.' }) before?: FrontendStandingDto;
  @ApiPropertyOptional({ description: 'Absent: it would go.' }) after?: FrontendStandingDto;
  @ApiProperty({
    type: [TargetEffectDto],
    description: 'Backends whose effective weight or share would be another.',
  })
  targets: readonly TargetEffectDto[];
}

class VipEffectDto implements VipEffect {
  @ApiProperty({ enum: ['released', 'claimed'] }) action: VipEffect['action'];
  @ApiProperty({ enum: VIP_HOLDERS }) kind: string;
  @ApiProperty() project: string;
  @ApiProperty() name: string;
  @ApiPropertyOptional({ description: 'Absent: any free one.' }) address?: string;
  @ApiPropertyOptional({ description: 'VipPool that the claim names.' }) pool?: string;
}

class WeightWarningDto implements WeightWarningItem {
  @ApiProperty({
    enum: WEIGHT_WARNINGS,
    description:
      '`backends-gone`: nothing would get traffic any more. `frontend-gone`: it serves and would go. `pool-switch`: traffic would go to another pool.',
  })
  reason: WeightWarningItem['reason'];
  @ApiProperty() project: string;
  @ApiProperty() frontend: string;
  @ApiProperty() message: string;
}

class WeightEffectDto implements WeightEffect {
  @ApiProperty({ type: [FrontendEffectDto], description: 'Of which anything would be another.' })
  frontends: readonly FrontendEffectDto[];
  @ApiProperty({ type: [VipEffectDto], description: 'VIPs that would be given back or asked for.' })
  vips: readonly VipEffectDto[];
  @ApiProperty({ type: [WeightWarningDto] }) warnings: readonly WeightWarningDto[];
}

class UnansweredDto implements Unanswered {
  @ApiProperty({ enum: ['renderer', 'health', 'balancer'] }) service: Unanswered['service'];
  @ApiProperty({ enum: Object.keys(ERRORS) }) code: ErrorCode;
  @ApiProperty() message: string;
}

/** What a change would lead to. */
export class EffectDto implements Effect {
  @ApiPropertyOptional({
    description:
      'On the effective config; absent when `renderer` did not tell. With `project`, without parts.',
  })
  effective?: EffectiveEffectDto;
  @ApiPropertyOptional({
    description:
      'On effective weights, by the health that is recorded now and what `health` makes of it at once; absent when `balancer` did not tell.',
  })
  weights?: WeightEffectDto;
  @ApiProperty({ type: [UnansweredDto], description: 'Who did not tell, and why.' })
  unanswered: readonly UnansweredDto[];
}
