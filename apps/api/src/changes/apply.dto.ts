import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import type { ApplyResult, ApplyWarning } from './apply-answers.js';
import type { PlannedChange } from '../domain/plan-changeset.js';
import { Flag } from '../http/flag.js';
import { Message } from '../http/message.js';
import { ProjectFilter } from '../http/project.query.js';
import { Wait } from '../http/wait.js';
import { EffectDto } from './effect.dto.js';
import { FieldChangeDto } from './field-change.dto.js';

export class ApplyQuery {
  @Flag('Only tell what would change.')
  dryRun: boolean = false;

  @ApiPropertyOptional({
    description: 'Name of the set that owns what is given: members not given are removed.',
  })
  @IsOptional()
  @Matches(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Z}]{1,260}$/u, {
    message: 'must be 1-260 printable characters without blanks',
  })
  set?: string;

  @Message() message?: string;

  @ProjectFilter(
    'Everything that is given stands in this project, where it names none, and the set is one of it; another project is refused.',
  )
  project?: string;

  @Wait() wait?: string;
}

export class PlannedChangeDto implements PlannedChange {
  @ApiProperty({ enum: ['added', 'changed', 'removed', 'unchanged'] }) action: PlannedChange['action'];
  @ApiProperty() apiVersion: string;
  @ApiProperty() kind: string;
  @ApiProperty() project: string;
  @ApiProperty() name: string;
  @ApiPropertyOptional({ type: [FieldChangeDto] }) fields?: readonly FieldChangeDto[];
  @ApiPropertyOptional({ description: 'The name that it takes over from (`metadata.renamedFrom`).' })
  renamedFrom?: string;
  @ApiPropertyOptional({ description: 'The name that takes over from what is removed.' }) renamedTo?: string;
}

export class ApplyWarningDto implements ApplyWarning {
  @ApiProperty() apiVersion: string;
  @ApiProperty({ description: '`Router` when it is about the bundle itself.' }) kind: string;
  @ApiProperty() project: string;
  @ApiProperty() name: string;
  @ApiProperty({ description: 'JSON Pointer into the resource; empty when it is about the whole.' })
  pointer: string;
  @ApiProperty({ description: 'One word for programs, such as `accepted-without-effect`.' }) reason: string;
  @ApiProperty() message: string;
}

export class ApplyResultDto implements ApplyResult {
  @ApiProperty({ description: 'Revision at which the resources stand now.' }) revision: number;
  @ApiProperty() changed: boolean;
  @ApiProperty() dryRun: boolean;
  @ApiProperty({ description: 'Stored, but not everybody has followed yet.' }) pending: boolean;
  @ApiProperty({ description: 'Who has not followed yet.' }) waitingFor: readonly string[];
  @ApiProperty({ description: 'Newest generation of the effective config.' }) generation: number;
  @ApiProperty({ type: [PlannedChangeDto] }) plan: readonly PlannedChangeDto[];
  @ApiProperty({
    type: [ApplyWarningDto],
    description:
      'What was given, accepted and does not do what it says; the same conditions stand in the resources.',
  })
  warnings: readonly ApplyWarningDto[];
  @ApiPropertyOptional({ description: 'What would follow; of a dry run.' }) effect?: EffectDto;
}
