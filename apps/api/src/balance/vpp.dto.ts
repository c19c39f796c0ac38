import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type {
  NodeVpp,
  VppInfo,
  VppLbCounters,
  VppLbState,
  VppSync,
  VppVip,
  VppVipCounters,
  VppVipState,
} from '@signalbox/contracts';
import { OptionalText } from '../http/optional-text.js';

export class VppInfoDto implements VppInfo {
  @ApiProperty() node: string;
  @ApiProperty() connected: boolean;
  @ApiPropertyOptional({ description: 'Why it is not connected.' }) why?: string;
  @ApiPropertyOptional({ description: 'This and what follows: of a VPP that is connected.' })
  version?: string;
  @ApiPropertyOptional() buildDate?: string;
  @ApiPropertyOptional() buildDirectory?: string;
  @ApiPropertyOptional() pid?: number;
  @ApiPropertyOptional({ description: 'When VPP started; absent: it does not say.' }) bootedAt?: string;
  @ApiPropertyOptional() connectedAt?: string;
}

class VppConfDto implements NodeVpp {
  @ApiProperty() ipv4SrcAddress: string;
  @ApiProperty() ipv6SrcAddress: string;
  @ApiProperty() stickyBucketsPerCore: number;
  @ApiProperty() flowTimeoutSeconds: number;
}

class VppVipDto implements VppVip {
  @ApiPropertyOptional({ description: 'Absent: no listener of the node asks for it.' }) listener?: string;
  @ApiProperty({ example: '192.0.2.10/32' }) prefix: string;
  @ApiProperty({ description: 'tcp, udp, any, or the number of another one.' }) protocol: string;
  @ApiProperty({ description: '0: all ports.' }) port: number;
}

class VppTargetDto {
  @ApiProperty() address: string;
  @ApiProperty({ minimum: 0, maximum: 100 }) weight: number;
  @ApiProperty({ description: 'Slots that it has in the table of new flows.' }) buckets: number;
  @ApiProperty({ description: 'That VPP remembers.' }) flows: number;
}

class VppVipStateDto extends VppVipDto implements VppVipState {
  @ApiProperty({ example: 'gre4' }) encap: string;
  @ApiProperty({ description: 'Clients are told by their address alone.' }) srcIpSticky: boolean;
  @ApiProperty({ type: [VppTargetDto], description: 'In the order of addresses.' })
  targets: readonly VppTargetDto[];
}

/** What stands in VPP, as it tells it. */
export class VppLbStateDto implements VppLbState {
  @ApiProperty() node: string;
  @ApiProperty() conf: VppConfDto;
  @ApiProperty({ type: [VppVipStateDto], description: 'In the order of addresses.' })
  vips: readonly VppVipStateDto[];
}

class VppVipCountersDto extends VppVipDto implements VppVipCounters {
  @ApiProperty({ description: 'Packets of flows that are remembered.' }) next: number;
  @ApiProperty({ description: 'First packets of flows.' }) first: number;
  @ApiProperty({ description: 'Packets that were sent on and not remembered.' }) untracked: number;
  @ApiProperty({ description: 'Packets that found no target.' }) noServer: number;
}

/** What VPP counted since it made each VIP. */
export class VppLbCountersDto implements VppLbCounters {
  @ApiProperty() node: string;
  @ApiProperty({ type: [VppVipCountersDto], description: 'In the order of VPP.' })
  vips: readonly VppVipCountersDto[];
}

export class VppSyncBody {
  @OptionalText('Scoped name of one listener; all of them when left out, and what nobody asks for goes.', 253)
  listener?: string;
}

/** What was written to VPP; all 0: it was as desired. */
export class VppSyncDto implements VppSync {
  @ApiProperty() node: string;
  @ApiProperty() vipsAdded: number;
  @ApiProperty() vipsRemoved: number;
  @ApiProperty() targetsAdded: number;
  @ApiProperty() targetsRemoved: number;
  @ApiProperty() weightsSet: number;
}
