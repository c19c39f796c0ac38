import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  type Algorithm,
  ALGORITHMS,
  FRONTEND_STATES,
  type FrontendState,
  INSERTABLE_HEADERS,
  type InsertableHeader,
  LISTENER_PROTOCOLS,
  type ListenerProtocol,
  NODE_DRIVERS,
  NODE_LISTENER_STATES,
  type NodeDriver,
  type NodeListenerState,
  OPERATING_STATUSES,
  type OperatingStatus,
  PROXY_PROTOCOLS,
  type ProxyProtocol,
  PROVISIONING_STATUSES,
  type ProvisioningStatus,
  TLS_VERSIONS,
  type TlsVersion,
} from '@signalbox/contracts';
import { PoolDto } from './frontends.dto.js';
import { ListenerPolicyDto } from './listener-policies.dto.js';
import { ListensAtDto, NodeErrorDto, ServedCertificateDto } from './nodes.dto.js';
import { OriginDto } from './origin.js';

/** How a node that shall serve a listener stands with it, or one that still does. */
export class ListenerNodeDto {
  @ApiProperty() node: string;
  @ApiPropertyOptional({ enum: NODE_DRIVERS }) driver?: NodeDriver;
  @ApiProperty({
    enum: [...NODE_LISTENER_STATES, 'missing'],
    description: '`refused`: what served before goes on; `missing`: the node says nothing of it.',
  })
  state: NodeListenerState | 'missing';
  @ApiProperty({ description: 'It serves the newest state.' }) current: boolean;
  @ApiPropertyOptional({ description: 'Why it was not told the newest state yet.' }) waits?: string;
  @ApiPropertyOptional({
    description: 'In which generation of the node it was applied as it is, or refused.',
  })
  generation?: number;
  @ApiPropertyOptional({ description: 'Where the node really listens; absent: nowhere.' })
  listensAt?: ListensAtDto;
  @ApiPropertyOptional({ description: 'Of the desired state that stands.' }) digest?: string;
  @ApiPropertyOptional({ description: 'Of the table that chooses targets; of maglev only.' })
  tableDigest?: string;
  @ApiPropertyOptional({
    type: [ServedCertificateDto],
    description: 'Of terminated-https: what it shows to clients.',
  })
  certificates?: readonly ServedCertificateDto[];
  @ApiPropertyOptional({ description: 'Why it is refused.' }) error?: NodeErrorDto;
  @ApiPropertyOptional() warning?: string;
  @ApiPropertyOptional({ description: 'When the node last said so.' }) at?: string;
}

/** What there is to know of a listener without its pools and nodes. */
export class ListenerStatusDto {
  @ApiProperty() name: string;
  @ApiProperty({ enum: [...LISTENER_PROTOCOLS, 'any'] }) protocol: ListenerProtocol | 'any';
  @ApiProperty({ description: '0 = all ports.' }) port: number;
  @ApiProperty({
    enum: PROVISIONING_STATUSES,
    description:
      'Whether its nodes do what is decided. `pending`: one does not serve the newest state yet; `error`: one refuses it; ' +
      '`unplaced`: no node serves it; `unknown`: nobody says which nodes shall.',
  })
  provisioningStatus: ProvisioningStatus;
  @ApiPropertyOptional({ description: 'Why it is not `active`.' }) provisioningReason?: string;
  @ApiProperty({
    enum: OPERATING_STATUSES,
    description:
      'Whether clients are served. `degraded`: a target of the active pool, or of one of its policies, is not up; `draining`: nothing new is let in; ' +
      '`no-monitor`: nothing is probed.',
  })
  operatingStatus: OperatingStatus;
  @ApiPropertyOptional({ description: 'Why it is not `online`.' }) operatingReason?: string;
}

/** How TLS ends at a listener. */
export class ListenerTlsDto {
  @ApiProperty({ description: 'Names of Certificates; the first serves whoever names no other host.' })
  certificates: readonly string[];
  @ApiProperty({ enum: TLS_VERSIONS }) minVersion: TlsVersion;
  @ApiProperty({ description: 'Clients may choose HTTP/2.' }) http2: boolean;
}

/** A pool that policies send requests to. */
export class PolicyPoolDto extends PoolDto {
  @ApiProperty({ enum: ALGORITHMS }) algorithm: Algorithm;
}

export class ListenerDto extends ListenerStatusDto {
  @ApiPropertyOptional({ description: 'Absent: default. Its backends are of the same.' }) project?: string;
  @ApiProperty({ enum: ['Frontend', 'Listener'], description: 'Kind of the resource that declares it.' })
  declaredBy: 'Frontend' | 'Listener';
  @ApiProperty({ description: 'Of a Frontend its own name.' }) loadBalancer: string;
  @ApiProperty() description: string;
  @ApiPropertyOptional({ description: 'The VIP; absent while its claim has none.' }) address?: string;
  @ApiProperty({ description: 'Whether nodes shall serve it.' }) enabled: boolean;
  @ApiProperty({ enum: ALGORITHMS }) algorithm: Algorithm;
  @ApiPropertyOptional({
    enum: ['dsr'],
    description: 'Targets answer clients themselves, direct server return; absent: by way of the node.',
  })
  forwarding?: 'dsr';
  @ApiPropertyOptional({ description: 'Most connections at once; absent: no limit of its own.' })
  connectionLimit?: number;
  @ApiPropertyOptional({ description: 'Of terminated-https.' }) tls?: ListenerTlsDto;
  @ApiPropertyOptional({
    enum: INSERTABLE_HEADERS,
    isArray: true,
    description: 'What targets are told of a client.',
  })
  insertHeaders?: readonly InsertableHeader[];
  @ApiPropertyOptional({
    type: [ListenerPolicyDto],
    description: 'In the order in which they are asked: the first that matches decides. Absent: none.',
  })
  policies?: readonly ListenerPolicyDto[];
  @ApiPropertyOptional({ enum: PROXY_PROTOCOLS, description: 'In which targets are told of a client.' })
  proxyProtocol?: ProxyProtocol;
  @ApiProperty({ enum: FRONTEND_STATES, description: 'What its targets come down to.' }) state: FrontendState;
  @ApiProperty({ description: 'When it entered its state.' }) since: string;
  @ApiProperty({ description: 'The pool that gets traffic, or would.' }) activePool: string;
  @ApiProperty({ type: [PoolDto], description: 'In order of preference.' }) pools: readonly PoolDto[];
  @ApiPropertyOptional({
    type: [PolicyPoolDto],
    description: 'What policies send requests to, by name; absent: nothing.',
  })
  policyPools?: readonly PolicyPoolDto[];
  @ApiProperty({ type: [ListenerNodeDto], description: 'By name.' }) nodes: readonly ListenerNodeDto[];
  @ApiPropertyOptional({
    description: 'Nodes with its newest state choose targets alike; absent when fewer than two tell.',
  })
  digestsAgree?: boolean;
  @ApiProperty() origin: OriginDto;
}
