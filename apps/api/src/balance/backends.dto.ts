import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  BACKEND_STATES,
  type BackendState,
  type BackendVitals,
  type HealthResult,
  type OperatorNote,
  PROBE_LAYERS,
  type ProbeLayer,
} from '@signalbox/contracts';
import { PageQuery } from '../http/page.query.js';
import { ProjectFilter } from '../http/project.query.js';
import { TextFilter } from '../http/text-filter.js';
import { OriginDto } from './origin.js';

export class BackendsQuery extends PageQuery {
  @ProjectFilter('Project, all of them when left out.') project?: string;
  @TextFilter('State. Removed ones are listed only when asked for.', BACKEND_STATES) state?: string;
}

/** A page of what belongs to something of a project. */
export class PageInProjectQuery extends PageQuery {
  @ProjectFilter('Project, `default` when left out.') project?: string;
}

export class HealthResultDto implements HealthResult {
  @ApiProperty() ok: boolean;
  @ApiPropertyOptional({ enum: PROBE_LAYERS }) layer?: ProbeLayer;
  @ApiProperty({ type: String, example: 'L7STS' }) code: HealthResult['code'];
  @ApiProperty({ example: 'HTTP 503' }) detail: string;
}

class OperatorNoteDto implements OperatorNote {
  @ApiProperty() author: string;
  @ApiPropertyOptional() reason?: string;
}

export class BackendItemDto {
  @ApiProperty() name: string;
  @ApiPropertyOptional({ description: 'Absent: default. Check and frontends are of the same.' })
  project?: string;
  @ApiProperty() address: string;
  @ApiPropertyOptional({ description: 'Absent: the port of the VIP.' }) port?: number;
  @ApiPropertyOptional({ description: 'Absent for static backends.' }) healthcheck?: string;
  @ApiProperty({ enum: BACKEND_STATES }) state: BackendState;
  @ApiProperty({ description: 'Not disabled.' }) enabled: boolean;
  @ApiProperty({ description: 'When it entered its state.' }) since: string;
  @ApiProperty({ description: 'Time of its newest record.' }) at: string;
  @ApiProperty({ description: 'How many records it has.' }) version: number;
  @ApiProperty() result: HealthResultDto;
  @ApiPropertyOptional({ description: 'Who caused the newest record, when a person did.' })
  by?: OperatorNoteDto;
  @ApiProperty({ type: [String], description: 'Frontends that have it as a target.' })
  frontends: readonly string[];
}

export class TransitionDto {
  @ApiProperty() version: number;
  @ApiProperty() at: string;
  @ApiPropertyOptional({ enum: BACKEND_STATES, description: 'Absent when it was new.' }) from?: BackendState;
  @ApiProperty({ enum: BACKEND_STATES }) to: BackendState;
  @ApiProperty() result: HealthResultDto;
  @ApiPropertyOptional() by?: OperatorNoteDto;
}

class LastResultDto extends HealthResultDto {
  @ApiProperty() at: string;
  @ApiProperty() durationMs: number;
}

class BackendVitalsDto implements BackendVitals {
  @ApiProperty() counter: number;
  @ApiProperty({ description: 'Highest value of the counter: rise + fall - 1.' }) max: number;
  @ApiProperty() rise: number;
  @ApiProperty() fall: number;
  @ApiPropertyOptional({ description: 'Why it is degraded.' }) degraded?: string;
  @ApiPropertyOptional({ description: 'Absent before the first result.' }) last?: LastResultDto;
  @ApiPropertyOptional({ description: 'Time between probes now; absent when none are made.' })
  intervalMs?: number;
  @ApiPropertyOptional({ description: 'Until when the guard holds its transition to down.' })
  heldUntil?: string;
}

export class BackendDto extends BackendItemDto {
  @ApiProperty({ type: [TransitionDto], description: 'The last ones, newest first.' })
  transitions: readonly TransitionDto[];
  @ApiPropertyOptional({ description: 'Absent while `health` does not answer, and when it is removed.' })
  vitals?: BackendVitalsDto;
  @ApiPropertyOptional({ description: 'Absent when it is not in the effective config.' }) origin?: OriginDto;
}
