import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  type ListenerCounters,
  type PoolCounters,
  type RecentTimes,
  type RequestCounters,
  type ResponseClass,
  type TargetCounters,
} from '@signalbox/contracts';

class ResponsesDto implements Record<ResponseClass, number> {
  @ApiProperty() '1xx': number;
  @ApiProperty() '2xx': number;
  @ApiProperty() '3xx': number;
  @ApiProperty() '4xx': number;
  @ApiProperty() '5xx': number;
  @ApiProperty({ description: 'No code of HTTP.' }) other: number;
}

class RequestStatsDto implements RequestCounters {
  @ApiProperty({ description: 'That came.' }) total: number;
  @ApiProperty({ description: 'Answers to clients, also those that a node gave itself.' })
  responses: ResponsesDto;
  @ApiProperty({ description: 'Rejected by a policy.' }) rejectedTotal: number;
  @ApiProperty({ description: 'That could not be read, or whose client left before they were complete.' })
  brokenTotal: number;
  @ApiProperty({ description: 'Whose target broke off, or answered what could not be read.' })
  failedTotal: number;
  @ApiProperty({ description: 'In the last second.' }) perSecond: number;
}

class RecentTimesDto implements RecentTimes {
  @ApiProperty({ description: 'Until a connection to the target stood.' }) connectMs: number;
  @ApiProperty({ description: 'From then on until the head of its answer was there.' }) responseMs: number;
  @ApiProperty({ description: 'From the first byte of the request to the last of the answer.' })
  totalMs: number;
}

const RECENT = 'On average over the last 1,024 requests that went to targets; absent: there were none.';

class TrafficDto {
  @ApiProperty({ description: 'That stand.' }) connections: number;
  @ApiProperty() connectionsTotal: number;
  @ApiProperty({ description: 'From clients.' }) bytesIn: number;
  @ApiProperty({ description: 'To clients.' }) bytesOut: number;
}

class TargetStatsDto extends TrafficDto implements TargetCounters {
  @ApiProperty() address: string;
  @ApiProperty() port: number;
  @ApiProperty({ description: 'Connects that failed.' }) errorsTotal: number;
}

class PoolStatsDto implements PoolCounters {
  @ApiProperty() pool: string;
  @ApiProperty({ type: [TargetStatsDto] }) targets: readonly TargetStatsDto[];
  @ApiPropertyOptional({ description: RECENT }) times?: RecentTimesDto;
}

/** What one or all nodes counted for a listener. */
class ListenerTrafficDto extends TrafficDto {
  @ApiProperty({ description: 'Connections, or requests, that got no target.' }) refusedTotal: number;
  @ApiPropertyOptional({ description: 'Of a proxy of requests whose data plane counts them.' })
  requests?: RequestStatsDto;
}

class NodeStatsDto extends ListenerTrafficDto implements Omit<ListenerCounters, 'listener'> {
  @ApiProperty() node: string;
  @ApiProperty({ type: [TargetStatsDto], description: 'Of its own pools.' })
  targets: readonly TargetStatsDto[];
  @ApiPropertyOptional({ description: RECENT }) times?: RecentTimesDto;
  @ApiPropertyOptional({ type: [PoolStatsDto], description: 'Of the pools of policies; absent: none.' })
  policyPools?: readonly PoolStatsDto[];
}

/** What nodes counted for a listener since each of them began to: nothing is kept when the agent of a node starts anew. */
export class ListenerStatsDto {
  @ApiProperty() name: string;
  @ApiPropertyOptional({ description: 'Absent: default.' }) project?: string;
  @ApiProperty({ description: 'When the nodes were asked.' }) at: string;
  @ApiProperty({ description: 'All nodes that answered, together.' }) total: ListenerTrafficDto;
  @ApiProperty({ type: [NodeStatsDto], description: 'By name.' }) nodes: readonly NodeStatsDto[];
  @ApiProperty({ description: 'Nodes that serve it, and did not tell; by name.' }) silent: readonly string[];
}
