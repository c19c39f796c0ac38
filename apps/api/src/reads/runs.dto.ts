import { ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import {
  type ErrorBody,
  type Execution,
  type FactOutcome,
  type Halving,
  type RemadePart,
  RUN_STATES,
  type RunFact,
  type RunRecord,
  type RunState,
  RUN_TRIGGERS,
  type RunTrigger,
  WAITING_REASONS,
  type WaitingReason,
} from '@signalbox/contracts';
import { PageQuery } from '../http/page.query.js';
import { Sorted } from '../http/sorted.js';
import { TextFilter } from '../http/text-filter.js';
import { Moment } from '../http/time-range.js';

export class RunsQuery extends PageQuery {
  @TextFilter('Name of the EventSubscription.') subscription?: string;
  @TextFilter('Id of a fact of the run.') eventId?: string;
  @TextFilter('Name of the Plugin.') plugin?: string;
  @TextFilter('State.', RUN_STATES) state?: string;
  @Sorted('-plannedAt', 'plannedAt') sort?: string;
  @Moment('Planned then or later.') since?: string;
  @Moment('Planned before.') until?: string;
}

export class RunFactDto implements RunFact {
  @ApiProperty() seq: number;
  @ApiProperty() id: string;
  @ApiProperty() origin: string;
  @ApiProperty() factKey: string;
  @ApiProperty() subject: string;
  @ApiPropertyOptional({ description: 'Of a subscription that retracts.' }) observedAt?: string;
  @ApiPropertyOptional({ description: 'Order of acceptance at the origin; of a subscription that retracts.' })
  originSequence?: number;
  @ApiPropertyOptional({ description: 'Where it stands in a trace, W3C Trace Context.' })
  traceparent?: string;
}

class HalvingDto implements Halving {
  @ApiProperty({ description: 'The run of the whole batch.' }) of: string;
  @ApiProperty({ description: 'Run and attempt at whose end this run was planned.' }) after: string;
  @ApiProperty({
    type: 'array',
    items: { type: 'array', items: { $ref: getSchemaPath(RunFactDto) } },
    description: 'The pieces that come after this run.',
  })
  rest: readonly (readonly RunFactDto[])[];
}

class RemadePartDto implements RemadePart {
  @ApiProperty() source: string;
  @ApiProperty() generation: number;
  @ApiProperty({ description: 'Why it is run again.' }) reason: string;
}

class FactOutcomeDto implements FactOutcome {
  @ApiProperty() eventId: string;
  @ApiProperty({ enum: ['applied', 'ignored', 'failed'] }) outcome: FactOutcome['outcome'];
  @ApiPropertyOptional() reason?: string;
}

class ErrorBodyDto {
  @ApiProperty({ type: String }) code: ErrorBody['code'];
  @ApiProperty() message: string;
}

class ExecutionDto implements Execution {
  @ApiProperty() attempt: number;
  @ApiProperty() startedAt: string;
  @ApiProperty() endedAt: string;
  @ApiProperty() durationMs: number;
  @ApiPropertyOptional() exitCode?: number;
  @ApiPropertyOptional() signal?: string;
  @ApiPropertyOptional() pluginDigest?: string;
  @ApiPropertyOptional() stdoutDigest?: string;
  @ApiPropertyOptional({ description: 'At most the last 8 KiB.' }) stderr?: string;
  @ApiProperty({ enum: ['proposed', 'failed', 'lost', 'skipped'] })
  outcome: Extract<RunRecord, { type: 'ended' }>['outcome'];
  @ApiPropertyOptional() error?: ErrorBodyDto;
}

/** Facts that matched and have no run yet, because something is missing or suspended. */
export class WaitingRunsDto {
  @ApiProperty() subscription: string;
  @ApiProperty({ description: 'The resource that is not declared or suspended, such as `Plugin/claims`.' })
  waitsFor: string;
  @ApiProperty({ enum: Object.keys(WAITING_REASONS) }) reason: WaitingReason;
  @ApiProperty({ description: 'How many facts wait.' }) facts: number;
}

/** A further attempt of a run. */
export class PlannedAttemptDto {
  @ApiProperty() runId: string;
  @ApiProperty({ description: 'Its number.' }) attempt: number;
}

/** What started a run that no subscription started. */
export class RunTriggerDto implements RunTrigger {
  @ApiProperty({ enum: RUN_TRIGGERS }) type: RunTrigger['type'];
  @ApiPropertyOptional({ description: 'Name of the DynamicConfigSource that binds the plugin.' })
  configSource?: string;
  @ApiPropertyOptional({ description: 'Who asked for it.' }) author?: string;
  @ApiPropertyOptional({ description: 'Whose facts started it.' }) topic?: string;
  @ApiPropertyOptional({ description: 'Sequence of the newest of these facts.' }) seq?: number;
}

/** A run as people see it. */
export class RunItemDto {
  @ApiProperty() runId: string;
  @ApiPropertyOptional({
    description: 'What started it: a subscription for facts of a group, or else `trigger`.',
  })
  subscription?: string;
  @ApiPropertyOptional() group?: string;
  @ApiPropertyOptional() trigger?: RunTriggerDto;
  @ApiProperty() plugin: string;
  @ApiProperty() revision: number;
  @ApiProperty() source: string;
  @ApiProperty({ enum: RUN_STATES }) state: RunState;
  @ApiProperty() attempt: number;
  @ApiProperty() maxAttempts: number;
  @ApiProperty({ type: [RunFactDto] }) facts: readonly RunFactDto[];
  @ApiPropertyOptional({ description: 'Set on a run of a piece of a batch that failed.' })
  halving?: HalvingDto;
  @ApiPropertyOptional({ description: 'Set on a run of what is left of a part.' }) remakes?: RemadePartDto;
  @ApiPropertyOptional({
    type: [FactOutcomeDto],
    description: 'What the plugin said of single facts; a fact without an entry is applied.',
  })
  outcomes?: readonly FactOutcomeDto[];
  @ApiProperty() plannedAt: string;
  @ApiPropertyOptional() startedAt?: string;
  @ApiPropertyOptional() endedAt?: string;
  @ApiPropertyOptional() retryAt?: string;
  @ApiPropertyOptional() errorCode?: string;
  @ApiPropertyOptional() error?: string;
  @ApiProperty({ type: [ExecutionDto] }) executions: readonly ExecutionDto[];
}
