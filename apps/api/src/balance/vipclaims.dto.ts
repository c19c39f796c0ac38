import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { VIP_WAIT_CODES, type VipWaitCode } from '@signalbox/contracts';
import { OriginDto } from './origin.js';

export class VipClaimDto {
  @ApiProperty() name: string;
  @ApiPropertyOptional({ description: 'Absent: default.' }) project?: string;
  @ApiProperty() description: string;
  @ApiProperty({
    enum: ['leased', 'waiting', 'pending'],
    description: '`waiting`: it has no address, see `reason`; `pending`: `balancer` has not decided yet.',
  })
  state: 'leased' | 'waiting' | 'pending';
  @ApiPropertyOptional({ description: 'The VIP that it has.' }) address?: string;
  @ApiPropertyOptional({ description: 'The pool that the address came from.' }) pool?: string;
  @ApiPropertyOptional({ description: 'What it shares its address by.' }) sharingKey?: string;
  @ApiPropertyOptional({ enum: VIP_WAIT_CODES, description: 'Why it waits, for programs.' })
  code?: VipWaitCode;
  @ApiPropertyOptional({ description: 'Why it waits, for people.' }) reason?: string;
  @ApiPropertyOptional({ description: 'When its state was last recorded.' }) at?: string;
  @ApiProperty({ type: [String], description: 'LoadBalancers of its project that name it.' })
  loadBalancers: readonly string[];
  @ApiProperty() origin: OriginDto;
}
