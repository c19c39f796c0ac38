import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  OPERATING_STATUSES,
  type OperatingStatus,
  PROVISIONING_STATUSES,
  type ProvisioningStatus,
} from '@signalbox/contracts';
import { ListenerStatusDto } from './listeners.dto.js';
import { OriginDto } from './origin.js';

export class LoadBalancerDto {
  @ApiProperty() name: string;
  @ApiPropertyOptional({ description: 'Absent: default. Its listeners are of the same.' }) project?: string;
  @ApiProperty({ enum: ['Frontend', 'LoadBalancer'], description: 'Kind of the resource that declares it.' })
  declaredBy: 'Frontend' | 'LoadBalancer';
  @ApiProperty() description: string;
  @ApiPropertyOptional({ description: 'The VIP; absent while its claim has none.' }) address?: string;
  @ApiPropertyOptional({ description: 'The VipClaim that gets it its address.' }) vipClaim?: string;
  @ApiProperty({ description: 'Whether nodes shall serve its listeners.' }) enabled: boolean;
  @ApiProperty({ enum: PROVISIONING_STATUSES, description: 'The worst of its listeners.' })
  provisioningStatus: ProvisioningStatus;
  @ApiProperty({
    enum: OPERATING_STATUSES,
    description: 'The worst of its listeners; `offline` without any.',
  })
  operatingStatus: OperatingStatus;
  @ApiProperty({ type: [ListenerStatusDto], description: 'By name.' })
  listeners: readonly ListenerStatusDto[];
  @ApiProperty() origin: OriginDto;
}
