import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { RUN_STATES, type RunState, WAITING_REASONS, type WaitingReason } from '@signalbox/contracts';
import { PageQuery } from '../http/page.query.js';
import { Sorted } from '../http/sorted.js';
import { TextFilter } from '../http/text-filter.js';

export class NamedQuery extends PageQuery {
  @Sorted('name', '-name') sort?: string;
}

export class SubscriptionsQuery extends NamedQuery {
  @TextFilter('Group whose facts they look at.') group?: string;
  @TextFilter('Plugin that they start.') plugin?: string;
}

class NewestFactDto {
  @ApiProperty() id: string;
  @ApiProperty() type: string;
  @ApiProperty() observedAt: string;
}

export class GroupDto {
  @ApiProperty() name: string;
  @ApiProperty({ description: 'Origin of our facts.' }) nodeName: string;
  @ApiProperty({ description: 'Accepted facts that are kept, renewals as well.' }) facts: number;
  @ApiProperty({ description: 'What they take in NATS.' }) bytes: number;
  @ApiPropertyOptional({ description: 'Bound of `bytes`; absent: none.' }) maxBytes?: number;
  @ApiPropertyOptional({ description: 'The one that was observed last; absent: there is none.' })
  newest?: NewestFactDto;
  @ApiProperty({ description: 'EventPeers that get facts of it.' }) peers: number;
  @ApiProperty({ description: 'EventSubscriptions that look at its facts.' }) subscriptions: number;
}

export class LastRunDto {
  @ApiProperty() runId: string;
  @ApiProperty({ enum: RUN_STATES }) state: RunState;
  @ApiProperty() plannedAt: string;
}

/** How many runs are in which state; those that are over and went well are not counted, `GET /v1/runs` lists them. */
export class RunCountsDto {
  @ApiProperty({ description: 'Planned, not begun.' }) queued: number;
  @ApiProperty() running: number;
  @ApiProperty({ description: 'They failed and are tried again.' }) retrying: number;
  @ApiProperty({ description: 'They ended well, and nobody has decided on what they proposed yet.' })
  proposed: number;
  @ApiProperty({ description: 'They failed for good.' }) failed: number;
}

export class SubscriptionDto {
  @ApiProperty() name: string;
  @ApiProperty() group: string;
  @ApiProperty() plugin: string;
  @ApiProperty() suspended: boolean;
  @ApiProperty({ type: [String] }) types: readonly string[];
  @ApiProperty() runs: RunCountsDto;
  @ApiPropertyOptional() lastRun?: LastRunDto;
  @ApiProperty({ description: 'Matched facts that have no run yet, the newest of each lineage.' })
  waiting: number;
  @ApiPropertyOptional({
    description: 'The resource that it waits for, such as `Plugin/claims`; absent: none.',
  })
  waitsFor?: string;
  @ApiPropertyOptional({ enum: Object.keys(WAITING_REASONS) }) reason?: WaitingReason;
}

export class PluginDto {
  @ApiProperty() name: string;
  @ApiProperty({ description: '`oneshot`, `persistent` or `http`.' }) mode: string;
  @ApiPropertyOptional({ description: 'Not of mode http.' }) executable?: string;
  @ApiPropertyOptional({ description: 'What the executable must have.' }) sha256?: string;
  @ApiProperty({ type: [String] }) capabilities: readonly string[];
  @ApiProperty() suspended: boolean;
  @ApiPropertyOptional({
    description: 'Whether it can be run as it stands; absent: plugin-runner does not say.',
  })
  usable?: boolean;
  @ApiPropertyOptional({ description: 'Why it cannot be run: a code.' }) reason?: string;
  @ApiPropertyOptional({ description: 'The same for people.' }) message?: string;
  @ApiProperty({ description: 'EventSubscriptions that start it.' }) subscriptions: number;
  @ApiProperty() runs: RunCountsDto;
  @ApiPropertyOptional() lastRun?: LastRunDto;
}
