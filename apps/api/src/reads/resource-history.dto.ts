import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Resource } from '@signalbox/contracts';
import { FieldChangeDto } from '../changes/field-change.dto.js';
import type { OriginPart, OriginRevision } from '../domain/origin-words.js';
import { PageQuery } from '../http/page.query.js';
import { TextFilter } from '../http/text-filter.js';
import { ResourceDto } from '../openapi/resource.dto.js';
import { RunItemDto } from './runs.dto.js';

export class VersionsQuery extends PageQuery {
  @TextFilter('Project, `default` when left out.') project?: string;
  @TextFilter('Needed only when two API groups have a kind of this name.') apiVersion?: string;
}

export class OriginRevisionDto implements OriginRevision {
  @ApiProperty() revision: number;
  @ApiProperty() author: string;
  @ApiProperty() message: string;
  @ApiProperty() at: string;
}

class OriginFactDto {
  @ApiProperty() id: string;
  @ApiProperty({ description: 'Node that observed it.' }) origin: string;
}

export class OriginPartDto implements OriginPart {
  @ApiProperty() source: string;
  @ApiProperty() generation: number;
  @ApiProperty() owner: string;
  @ApiProperty() state: string;
  @ApiProperty({ type: String, nullable: true }) reason: string | null;
  @ApiProperty() runId: string;
  @ApiProperty() acceptedAt: string;
  @ApiProperty({ description: 'When it came into its state.' }) stateAt: string;
  @ApiProperty({ type: String, nullable: true }) expiresAt: string | null;
  @ApiProperty({ type: [OriginFactDto] }) facts: readonly OriginFactDto[];
  @ApiProperty({ type: String, nullable: true }) group: string | null;
  @ApiProperty({ type: String, nullable: true }) subscription: string | null;
  @ApiProperty({ type: String, nullable: true }) plugin: string | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Of the rule by which it ran.' })
  revision: number | null;
}

class EndDto {
  @ApiProperty() generation: number;
  @ApiProperty({ type: String, nullable: true }) at: string | null;
  @ApiProperty({ description: 'One sentence for people.' }) why: string;
}

/** One version of a resource of the effective config. */
export class VersionDto {
  @ApiProperty({ description: 'It stands from this generation on.' }) generation: number;
  @ApiProperty({ type: String, nullable: true, description: 'Null: that generation is no longer kept.' })
  at: string | null;
  @ApiProperty({ enum: ['added', 'changed'] }) action: 'added' | 'changed';
  @ApiProperty({ description: 'Who and why, in one sentence.' }) why: string;
  @ApiPropertyOptional({ type: [FieldChangeDto], description: 'Of `changed`: against the version before.' })
  fields?: readonly FieldChangeDto[];
  @ApiPropertyOptional({ type: OriginPartDto }) part?: OriginPartDto;
  @ApiPropertyOptional({ type: OriginRevisionDto }) revision?: OriginRevisionDto;
  @ApiPropertyOptional({ type: EndDto, description: 'It went, and nothing took its place.' }) went?: EndDto;
  @ApiProperty({ type: ResourceDto }) resource: Resource;
}

/** A fact behind a resource. One that is no longer kept has no type and no times. */
class BehindFactDto {
  @ApiProperty() id: string;
  @ApiProperty({ description: 'Node that observed it.' }) origin: string;
  @ApiProperty({ type: String, nullable: true }) group: string | null;
  @ApiProperty({ type: String, nullable: true }) type: string | null;
  @ApiProperty({ type: String, nullable: true }) observedAt: string | null;
  @ApiProperty({ type: String, nullable: true }) acceptedAt: string | null;
  @ApiProperty({ type: String, nullable: true, description: '`pub`, `request`, `rest` or `peer`.' })
  way: string | null;
}

/** A resource of the effective config down to where it came from. */
export class ResourceExplanationDto {
  @ApiProperty() apiVersion: string;
  @ApiProperty() kind: string;
  @ApiProperty() project: string;
  @ApiProperty() name: string;
  @ApiProperty({ enum: ['present', 'masked', 'gone'] }) state: 'present' | 'masked' | 'gone';
  @ApiProperty({ description: 'One sentence for people.' }) verdict: string;
  @ApiProperty({ type: VersionDto, description: 'The newest.' }) version: VersionDto;
  @ApiPropertyOptional({ type: OriginPartDto, description: 'The part that has it now, or had it last.' })
  part?: OriginPartDto;
  @ApiPropertyOptional({ type: RunItemDto, description: 'The run that made the part.' }) run?: RunItemDto;
  @ApiProperty({ type: [BehindFactDto], description: 'The first 100.' }) facts: readonly BehindFactDto[];
}
