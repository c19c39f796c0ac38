import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { VIP_HOLDERS, type VipHolder } from '@signalbox/contracts';
import { PageQuery } from '../http/page.query.js';
import { ProjectFilter } from '../http/project.query.js';
import { OriginDto } from './origin.js';

/** What a project sees of VIP pools. */
export class VipPoolQuery {
  @ProjectFilter('As this project sees it: pools that serve it, and of their addresses those that it has.')
  project?: string;
}

export class VipPoolsQuery extends PageQuery {
  @ProjectFilter('As this project sees them: pools that serve it, and of their addresses those that it has.')
  project?: string;
}

export class VipPoolDto {
  @ApiProperty() name: string;
  @ApiProperty() description: string;
  @ApiProperty({ type: [String], description: 'Prefixes, ranges and addresses as they are written.' })
  addresses: readonly string[];
  @ApiPropertyOptional({
    type: [String],
    description: 'Projects that it serves; absent: all, or a project asks.',
  })
  projects?: readonly string[];
  @ApiProperty({ description: 'Whether claims that name no pool get addresses of it.' }) autoAssign: boolean;
  @ApiProperty({ description: 'How long an address that was given up waits for another holder.' })
  quarantine: string;
  @ApiProperty({ description: 'Addresses that it may grant; at most 2^53 - 1 is told.' }) size: number;
  @ApiPropertyOptional({
    description:
      'Addresses that somebody has; this and the next two are absent while `balancer` does not say. As a project sees it: ' +
      'addresses that it has itself, and neither of the next two.',
  })
  used?: number;
  @ApiPropertyOptional({ description: 'Addresses in quarantine.' }) quarantined?: number;
  @ApiPropertyOptional({ description: 'Addresses that may be granted now; at most 2^53 - 1 is told.' })
  free?: number;
  @ApiProperty() origin: OriginDto;
}

/** Who has an address, or had it last. */
export class VipHolderDto {
  @ApiProperty({ enum: VIP_HOLDERS }) kind: VipHolder['kind'];
  @ApiProperty() name: string;
  @ApiPropertyOptional({ description: 'Absent: default.' }) project?: string;
}

export class VipAddressDto {
  @ApiProperty() address: string;
  @ApiProperty({ enum: ['leased', 'quarantined'] }) state: 'leased' | 'quarantined';
  @ApiProperty({ description: 'When that was last recorded.' }) at: string;
  @ApiProperty({ type: [VipHolderDto], description: 'Several when they share it; none in quarantine.' })
  holders: readonly VipHolderDto[];
  @ApiPropertyOptional({ description: 'In quarantine: its last holder, who gets it back at any time.' })
  lastHolder?: VipHolderDto;
  @ApiPropertyOptional({ description: 'When the quarantine ends.' }) until?: string;
}
