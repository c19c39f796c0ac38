import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { VIP_HOLDERS, type VipHolder } from '@signalbox/contracts';
import { OriginDto } from './origin.js';

export class VipPoolDto {
  @ApiProperty() name: string;
  @ApiProperty() description: string;
  @ApiProperty({ type: [String], description: 'Prefixes, ranges and addresses as they are written.' })
  addresses: readonly string[];
  @ApiPropertyOptional({ type: [String], description: 'Projects that it serves; absent: all.' })
  projects?: readonly string[];
  @ApiProperty({ description: 'Whether claims that name no pool get addresses of it.' }) autoAssign: boolean;
  @ApiProperty({ description: 'How long an address that was given up waits for another holder.' })
  quarantine: string;
  @ApiProperty({ description: 'Addresses that it may grant; at most 2^53 - 1 is told.' }) size: number;
  @ApiProperty({ description: 'Addresses that somebody has.' }) used: number;
  @ApiProperty({ description: 'Addresses in quarantine.' }) quarantined: number;
  @ApiProperty({ description: 'Addresses that may be granted now; at most 2^53 - 1 is told.' }) free: number;
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
