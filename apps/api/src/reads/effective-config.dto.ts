import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Resource, RouterDocument } from '@signalbox/contracts';
import type { SuppressedItem } from '../domain/suppressed.js';

class EffectiveMetadataDto {
  @ApiProperty({ example: 'effective' }) name: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: {
      'signalbox.dev/generation': '3',
      'signalbox.dev/digest': '<hex>',
      'signalbox.dev/quarantined': '0',
    },
  })
  annotations: Record<string, string>;
}

class EffectiveSpecDto {
  @ApiProperty({ type: [Object], description: 'Sorted by apiVersion, kind, project, name.' })
  resources: readonly Resource[];
}

export class EffectiveConfigDto implements RouterDocument {
  @ApiProperty({ type: String }) apiVersion: RouterDocument['apiVersion'];
  @ApiProperty({ type: String, example: 'Router' }) kind: RouterDocument['kind'];
  @ApiProperty() metadata: EffectiveMetadataDto;
  @ApiProperty() spec: EffectiveSpecDto;
}

/** A resource of the effective config that stems from a part; `generation` is the part's. */
export class DerivedResourceDto {
  @ApiProperty() apiVersion: string;
  @ApiProperty() kind: string;
  @ApiProperty() project: string;
  @ApiProperty() name: string;
  @ApiProperty() source: string;
  @ApiProperty() generation: number;
}

class EndingPartDto {
  @ApiProperty() source: string;
  @ApiProperty() generation: number;
  @ApiProperty({ type: String, nullable: true }) expiresAt: string | null;
}

export class QuarantinedPartDto {
  @ApiProperty() source: string;
  @ApiProperty() generation: number;
  @ApiProperty() reason: string;
}

export class SuppressedResourceDto implements SuppressedItem {
  @ApiProperty() apiVersion: string;
  @ApiProperty() kind: string;
  @ApiProperty() project: string;
  @ApiProperty() name: string;
  @ApiProperty({ example: 'DynamicConfigPart/EventSubscription/claims/0123456789abcdef' })
  maskedBy: string;
  @ApiProperty({ type: String, nullable: true, description: 'Null: a part that masks it is held.' })
  maskedUntil: string | null;
  @ApiPropertyOptional() reason?: string;
}

export class EffectiveDiffDto {
  @ApiProperty() generation: number;
  @ApiProperty({ type: [SuppressedResourceDto], description: 'Operator resources that masks hide.' })
  suppressed: readonly SuppressedResourceDto[];
  @ApiProperty({ type: [DerivedResourceDto] }) addedResources: readonly DerivedResourceDto[];
  @ApiProperty({ type: [EndingPartDto] }) activeParts: readonly EndingPartDto[];
  @ApiProperty({ type: [EndingPartDto], description: 'The last 100.' })
  expiredParts: readonly EndingPartDto[];
  @ApiProperty({ type: [QuarantinedPartDto] }) quarantined: readonly QuarantinedPartDto[];
}

class CauseDto {
  @ApiProperty() stream: string;
  @ApiProperty() seq: number;
}

/** A resource that a generation brought, changed or removed. */
class NamedChangeDto {
  @ApiProperty({ enum: ['added', 'changed', 'removed'] }) action: 'added' | 'changed' | 'removed';
  @ApiProperty() apiVersion: string;
  @ApiProperty() kind: string;
  @ApiProperty() project: string;
  @ApiProperty() name: string;
}

export class GenerationDto {
  @ApiProperty() generation: number;
  @ApiProperty() at: string;
  @ApiProperty() cause: CauseDto;
  @ApiProperty({ description: 'Revision of the operator resources in it.' }) revision: number;
  @ApiProperty() digest: string;
  @ApiProperty() resources: number;
  @ApiProperty() added: number;
  @ApiProperty() changed: number;
  @ApiProperty() removed: number;
  @ApiProperty({ type: [QuarantinedPartDto] }) quarantined: readonly QuarantinedPartDto[];
  @ApiProperty({ type: [SuppressedResourceDto], description: 'As the generation was recorded.' })
  suppressed: readonly SuppressedResourceDto[];
  @ApiProperty({ description: 'Who and why, in one sentence.' }) why: string;
  @ApiProperty({ type: [NamedChangeDto], description: 'The first five.' })
  changes: readonly NamedChangeDto[];
}
