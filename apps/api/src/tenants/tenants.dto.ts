import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { QUOTA_KINDS, type QuotaKind } from '@signalbox/contracts';
import { OriginDto } from '../balance/origin.js';
import { PageQuery } from '../http/page.query.js';
import { ProjectFilter } from '../http/project.query.js';
import { TextFilter } from '../http/text-filter.js';

export class ProjectsQuery extends PageQuery {
  @TextFilter('Org, all of them when left out.') org?: string;
}

export class QuotasQuery extends PageQuery {
  @ProjectFilter('Only those over this project: its own and those of its org.') project?: string;
}

export class QuotaQuery {
  @ProjectFilter('Only when it is over this project: its own or one of its org.') project?: string;
}

/** One limit and how far it is used. */
export class QuotaLimitDto {
  @ApiProperty({ enum: QUOTA_KINDS }) kind: QuotaKind;
  @ApiProperty() limit: number;
  @ApiProperty({ description: 'Resources in the effective config; may be above a limit that was lowered.' })
  used: number;
}

export class QuotaDto {
  @ApiProperty() name: string;
  @ApiProperty() description: string;
  @ApiPropertyOptional({ description: 'Over all projects of this org; either this or `project`.' })
  org?: string;
  @ApiPropertyOptional({ description: 'Over this project.' }) project?: string;
  @ApiProperty({ type: [QuotaLimitDto], description: 'By kind.' }) limits: readonly QuotaLimitDto[];
  @ApiProperty() origin: OriginDto;
}

/** How many resources of a kind there are. */
export class KindUseDto {
  @ApiProperty({ enum: QUOTA_KINDS }) kind: QuotaKind;
  @ApiProperty({ description: 'Resources in the effective config.' }) used: number;
  @ApiPropertyOptional({ description: 'The lowest limit of the quotas over it; absent: none.' })
  limit?: number;
}

export class OrgItemDto {
  @ApiProperty() name: string;
  @ApiProperty() description: string;
  @ApiProperty() origin: OriginDto;
}

export class OrgDto extends OrgItemDto {
  @ApiProperty({ description: 'How many projects it owns.' }) projects: number;
  @ApiProperty({
    type: [KindUseDto],
    description: 'Kinds that its projects have or that are limited, by kind.',
  })
  use: readonly KindUseDto[];
}

export class ProjectItemDto {
  @ApiProperty() name: string;
  @ApiProperty({ description: 'The org that owns it.' }) org: string;
  @ApiProperty() description: string;
  @ApiProperty() origin: OriginDto;
}

export class ProjectDto extends ProjectItemDto {
  @ApiProperty({
    type: [KindUseDto],
    description:
      'Kinds that it has or that a quota of its own limits, by kind; those of its org are in `quotas`.',
  })
  use: readonly KindUseDto[];
  @ApiProperty({ type: [QuotaDto], description: 'Its own and those of its org, by name.' })
  quotas: readonly QuotaDto[];
}
