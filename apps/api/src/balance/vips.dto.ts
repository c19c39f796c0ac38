import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ANNOUNCE_METHODS,
  type AnnounceMethod,
  type NodeVipReport,
  VIP_STATES,
  type VipState,
} from '@signalbox/contracts';
import { PageQuery } from '../http/page.query.js';
import { ProjectFilter } from '../http/project.query.js';
import { ListenerStatusDto } from './listeners.dto.js';

/** What a project sees of VIPs. */
export class VipQuery {
  @ProjectFilter('As this project sees it: what it has at the VIP.') project?: string;
}

export class VipsQuery extends PageQuery {
  @ProjectFilter('Those at which this project has something; all when left out.') project?: string;
}

/** What one node says of a VIP. */
export class NodeVipDto implements Omit<NodeVipReport, 'address'> {
  @ApiProperty() node: string;
  @ApiPropertyOptional({ description: 'Its agent does not answer: this is what it said before.' })
  silent?: true;
  @ApiProperty({ description: 'Name of the Announcement.' }) announcement: string;
  @ApiProperty({ enum: ANNOUNCE_METHODS }) method: AnnounceMethod;
  @ApiProperty({
    enum: VIP_STATES,
    description:
      '`announced`: routers were told, or the node has it as its leader; `standby`: another node leads; `withdrawn`: the node ' +
      'is not ready for it, or drained; `refused`: what announces cannot do it.',
  })
  state: VipState;
  @ApiProperty({ description: 'Since when it is in this state.' }) since: string;
  @ApiPropertyOptional({ description: 'BgpPeers that were told; of BGP.' }) to?: readonly string[];
  @ApiPropertyOptional({ description: 'Why it is not announced.' }) why?: string;
}

/** One listener at a VIP. */
export class VipListenerDto extends ListenerStatusDto {
  @ApiPropertyOptional({ description: 'Absent: default.' }) project?: string;
  @ApiProperty({ description: 'The pool that gets traffic, or would.' }) activePool: string;
  @ApiProperty({ description: 'Targets of the active pool that get new connections.' }) usableTargets: number;
  @ApiProperty({ description: 'Targets of the active pool.' }) targets: number;
}

export class VipDto {
  @ApiProperty() address: string;
  @ApiProperty({ type: [VipListenerDto], description: 'By name; those that `balancer` has recorded.' })
  listeners: readonly VipListenerDto[];
  @ApiProperty({ type: [NodeVipDto], description: 'By name of the node.' }) nodes: readonly NodeVipDto[];
  @ApiPropertyOptional({ description: 'Why no node announces it; absent: one does.' }) why?: string;
}
