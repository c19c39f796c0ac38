import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type Condition, CONDITION_TYPES, type Resource } from '@signalbox/contracts';
import { Flag } from '../http/flag.js';
import { PageQuery } from '../http/page.query.js';
import { Message } from '../http/message.js';
import { TextFilter } from '../http/text-filter.js';
import { Wait } from '../http/wait.js';
import { ResourceDto } from '../openapi/resource.dto.js';

export class ResourcesQuery extends PageQuery {
  @TextFilter('Kind, such as EventGroup, or with its API group: HealthCheck.net.routerd.net.') kind?: string;
  @TextFilter('Name.') name?: string;
  @TextFilter('Project.') project?: string;
}

export class ResourceQuery {
  @TextFilter('Project, `default` when left out.') project?: string;
  @TextFilter('Needed only when two API groups have a kind of this name.') apiVersion?: string;
}

export class DeleteQuery extends ResourceQuery {
  @Flag('Also deletes what only serves it: Listeners, Pools and PoolMembers. Backends stay.')
  cascade: boolean = false;
}

export class PutQuery {
  @TextFilter('Project, `default` when left out.') project?: string;

  @Flag('Only tell what would change.')
  dryRun: boolean = false;

  @Message() message?: string;

  @Wait() wait?: string;
}

export class ConditionDto implements Condition {
  @ApiProperty({ enum: CONDITION_TYPES }) type: Condition['type'];
  @ApiProperty({ enum: ['True', 'False'] }) status: Condition['status'];
  @ApiProperty({ description: 'One word for programs; an error code where there is one.' }) reason: string;
  @ApiProperty() message: string;
  @ApiPropertyOptional({ description: 'JSON Pointer into the resource, where it is about a field.' })
  pointer?: string;
}

export class ResourceStatusDto {
  @ApiProperty({ type: [ConditionDto] }) conditions: readonly ConditionDto[];
}

export class ResourceItemDto {
  @ApiProperty({ type: ResourceDto }) resource: Resource;
  @ApiProperty({ description: 'Revision that put it.' }) revision: number;
  @ApiProperty({ type: String, nullable: true, description: 'Set that owns it.' }) set: string | null;
  @ApiProperty({ type: ResourceStatusDto, description: 'Worked out with every answer, never stored.' })
  status: ResourceStatusDto;
}
