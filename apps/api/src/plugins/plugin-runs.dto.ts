import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  type ErrorBody,
  type Execution,
  type FactOutcome,
  MAX_GIVEN_EVENTS,
  type ProposedPart,
} from '@signalbox/contracts';
import { ArrayMaxSize, IsArray, IsOptional } from 'class-validator';
import { Flag } from '../http/flag.js';

export class RunPluginQuery {
  @Flag('Tell what the plugin would propose; nothing is recorded.')
  dryRun: boolean = false;
}

export class RunPluginBody {
  @ApiPropertyOptional({
    type: [Object],
    maxItems: MAX_GIVEN_EVENTS,
    description: 'Facts for the plugin, as `event emit` takes them; they are not stored.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_GIVEN_EVENTS)
  events?: unknown[];
}

/** A run that was planned, or how a dry run went. */
export class RunPluginDto {
  @ApiProperty() dryRun: boolean;
  @ApiPropertyOptional({ description: 'The run that was planned: see `/v1/runs/{id}`.' }) runId?: string;
  @ApiPropertyOptional({ description: 'Of a dry run: proposed or failed.' }) outcome?: string;
  @ApiPropertyOptional({ type: Object, description: 'Of a dry run: how it was executed.' })
  execution?: Execution;
  @ApiPropertyOptional({ type: [Object], description: 'Of a dry run: what the plugin told of each event.' })
  outcomes?: readonly FactOutcome[];
  @ApiPropertyOptional({ type: Object, description: 'Of a dry run: the part that the plugin proposes.' })
  part?: ProposedPart;
  @ApiPropertyOptional({ type: Object, description: 'Of a dry run: why it failed.' }) error?: ErrorBody;
}
