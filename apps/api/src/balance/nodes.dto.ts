import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  type Affinity,
  ANNOUNCE_METHODS,
  type AnnounceMethod,
  type Algorithm,
  ALGORITHMS,
  type Capabilities,
  ERRORS,
  type ErrorCode,
  NODE_PROTOCOLS,
  type NodeProtocol,
  NODE_DRIVERS,
  NODE_LISTENER_STATES,
  NODE_STATES,
  type NodePeerReport,
  type NodeVipCounts,
  type NodeVipReport,
  PEER_STATES,
  type PeerState,
  type NodeDriver,
  type NodeListenerState,
  type NodeRunState,
  type ServedCertificate,
  VIP_STATES,
  type VipState,
} from '@signalbox/contracts';
import { OriginDto } from './origin.js';

export class NodeErrorDto {
  @ApiProperty({ enum: Object.keys(ERRORS) }) code: ErrorCode;
  @ApiProperty() message: string;
}

export class ListensAtDto {
  @ApiProperty() address: string;
  @ApiProperty() port: number;
}

class CapabilitiesDto implements Capabilities {
  @ApiProperty({ enum: NODE_PROTOCOLS, isArray: true }) protocols: readonly NodeProtocol[];
  @ApiProperty({ enum: ALGORITHMS, isArray: true }) algorithms: readonly Algorithm[];
  @ApiProperty({ enum: ['source-ip', 'http-cookie', 'app-cookie'], isArray: true })
  affinity: readonly Affinity['type'][];
  @ApiProperty({ description: 'Connections of one target can be cut.' }) flush: boolean;
  @ApiProperty({ description: 'A target may have another port than the VIP.' }) targetPorts: boolean;
  @ApiProperty({ description: 'VIP and target may be of different address families.' })
  mixedFamilies: boolean;
  @ApiProperty() connectionLimit: boolean;
  @ApiPropertyOptional({ description: 'Targets can be told of the client by the PROXY protocol.' })
  proxyProtocol?: boolean;
  @ApiPropertyOptional({
    description: 'Requests can be rejected, redirected and sent to other pools by policies.',
  })
  policies?: boolean;
  @ApiPropertyOptional({ description: 'Requests are counted, by the class of their answers.' })
  requestCounters?: boolean;
  @ApiPropertyOptional({
    enum: ALGORITHMS,
    isArray: true,
    description: 'With which targets can answer clients themselves; absent or empty: they cannot.',
  })
  dsr?: readonly Algorithm[];
  @ApiProperty({ description: 'Targets of one listener; most.' }) maxTargets: number;
}

/** A certificate as the node read it; its key is never told. */
export class ServedCertificateDto implements ServedCertificate {
  @ApiProperty({ description: 'Of the Certificate, with its project unless that is default.' }) name: string;
  @ApiProperty({ description: 'Fingerprint, 64 hex digits.' }) sha256: string;
  @ApiProperty({ description: 'Hosts that it is for, at most 20.' }) names: readonly string[];
  @ApiProperty() notBefore: string;
  @ApiProperty() notAfter: string;
}

/** How one listener stands on one node. */
class ServingDto {
  @ApiProperty({ enum: NODE_LISTENER_STATES, description: '`refused`: what served before goes on.' })
  state: NodeListenerState;
  @ApiProperty({ description: 'In which generation of the node it was applied as it is, or refused.' })
  generation: number;
  @ApiPropertyOptional({ description: 'Where the node really listens; absent: nowhere.' })
  listensAt?: ListensAtDto;
  @ApiProperty({ description: 'Of the desired state that stands.' }) digest: string;
  @ApiPropertyOptional({ description: 'Of the table that chooses targets; of maglev only.' })
  tableDigest?: string;
  @ApiPropertyOptional({
    type: [ServedCertificateDto],
    description: 'Of terminated-https: what it shows to clients.',
  })
  certificates?: readonly ServedCertificateDto[];
  @ApiPropertyOptional({ description: 'Why it is refused.' }) error?: NodeErrorDto;
  @ApiPropertyOptional() warning?: string;
  @ApiProperty({ description: 'When the node last said so.' }) at: string;
}

export class NodeListenerDto extends ServingDto {
  @ApiProperty() listener: string;
}

export class ServingNodeDto extends ServingDto {
  @ApiProperty() node: string;
}

/** How many of its VIPs a node announces or leads. */
export class NodeVipCountsDto implements NodeVipCounts {
  @ApiProperty() announced: number;
  @ApiProperty({ description: 'That it was told of.' }) all: number;
}

/** How many of its routers a node has a session with. */
export class NodePeerCountsDto {
  @ApiProperty() up: number;
  @ApiProperty() all: number;
}

/** One VIP of a node. */
export class NodeOwnVipDto implements NodeVipReport {
  @ApiProperty() address: string;
  @ApiProperty({ description: 'Name of the Announcement.' }) announcement: string;
  @ApiProperty({ enum: ANNOUNCE_METHODS }) method: AnnounceMethod;
  @ApiProperty({ enum: VIP_STATES }) state: VipState;
  @ApiProperty() since: string;
  @ApiPropertyOptional({ description: 'BgpPeers that were told; of BGP.' }) to?: readonly string[];
  @ApiPropertyOptional({ description: 'Why it is not announced.' }) why?: string;
}

/** One router of a node. */
export class NodePeerDto implements NodePeerReport {
  @ApiProperty({ description: 'Of the BgpPeer.' }) name: string;
  @ApiProperty({ enum: PEER_STATES, description: '`up`: routes are exchanged; `starting`: it is tried.' })
  state: PeerState;
  @ApiProperty() since: string;
  @ApiPropertyOptional({ enum: ['up', 'down'], description: 'Of a session with BFD.' }) bfd?: 'up' | 'down';
  @ApiPropertyOptional({ description: 'Why it is not up.' }) why?: string;
}

/** Who drained a node, when and why. */
export class NodeDrainDto {
  @ApiProperty() author: string;
  @ApiProperty() since: string;
  @ApiPropertyOptional() reason?: string;
}

const STATES = [...NODE_STATES, 'missing'] as const;

export class NodeItemDto {
  @ApiProperty() name: string;
  @ApiPropertyOptional({ enum: NODE_DRIVERS }) driver?: NodeDriver;
  @ApiProperty({
    enum: STATES,
    description:
      '`waiting`: no complete desired state yet; `unavailable`: the data plane does not answer; `missing`: it never reported.',
  })
  state: NodeRunState | 'missing';
  @ApiPropertyOptional({ description: 'Its agent does not answer: this is what it said before.' })
  silent?: true;
  @ApiPropertyOptional({ description: 'When it entered its state.' }) since?: string;
  @ApiPropertyOptional({ description: 'Time of its newest record.' }) at?: string;
  @ApiPropertyOptional({ description: 'How many records it has.' }) version?: number;
  @ApiPropertyOptional({ description: 'Of `unavailable`.' }) error?: NodeErrorDto;
  @ApiPropertyOptional({ description: 'Another one: its generations were counted anew.' }) epoch?: string;
  @ApiPropertyOptional({ description: 'Every listener up to this generation was applied or refused.' })
  appliedGeneration?: number;
  @ApiPropertyOptional({
    description: 'Of where it sends packets: equal on nodes that do the same. Absent: nothing stands.',
  })
  trafficDigest?: string;
  @ApiPropertyOptional({ description: 'It says that it is drained: it announces nothing.' }) drained?: true;
  @ApiPropertyOptional({ description: 'An operator drained it; absent: it shall announce.' })
  drain?: NodeDrainDto;
  @ApiProperty({ description: 'How many listeners it refuses.' }) refused: number;
  @ApiProperty() vipCounts: NodeVipCountsDto;
  @ApiPropertyOptional({ description: 'Absent: it has none.' }) peerCounts?: NodePeerCountsDto;
  @ApiPropertyOptional({ description: 'Absent: no Node of this name is declared.' }) origin?: OriginDto;
}

export class NodeDto extends NodeItemDto {
  @ApiPropertyOptional({ description: 'What its data plane can do.' }) capabilities?: CapabilitiesDto;
  @ApiProperty({ type: [NodeListenerDto], description: 'By name.' }) listeners: readonly NodeListenerDto[];
  @ApiProperty({ type: [NodeOwnVipDto], description: 'In the order of addresses.' })
  vips: readonly NodeOwnVipDto[];
  @ApiProperty({ type: [NodePeerDto], description: 'To which it announces, by name.' })
  peers: readonly NodePeerDto[];
}
