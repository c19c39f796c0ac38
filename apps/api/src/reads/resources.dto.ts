import { ApiProperty } from '@nestjs/swagger';
import type { Resource } from '@signalbox/contracts';
import { PageQuery } from '../http/page.query.js';
import { TextFilter } from '../http/text-filter.js';

export class ResourcesQuery extends PageQuery {
  @TextFilter('Kind, such as EventGroup.') kind?: string;
  @TextFilter('Name.') name?: string;
  @TextFilter('Project.') project?: string;
}

export class ResourceQuery {
  @TextFilter('Project, `default` when left out.') project?: string;
  @TextFilter('Needed only when two API groups have a kind of this name.') apiVersion?: string;
}

export class ResourceItemDto {
  @ApiProperty({ type: Object }) resource: Resource;
  @ApiProperty({ description: 'Revision that put it.' }) revision: number;
  @ApiProperty({ type: String, nullable: true, description: 'Set that owns it.' }) set: string | null;
}
