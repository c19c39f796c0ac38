import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type Algorithm, ALGORITHMS, BACKEND_STATES, type BackendState } from '@signalbox/contracts';
import { FrontendTargetDto } from './frontends.dto.js';
import { OriginDto } from './origin.js';

/** A listener that a pool serves. */
class PoolListenerDto {
  @ApiProperty() listener: string;
  @ApiPropertyOptional({
    description: 'Its place among the pools of the listener, from 0; absent: only policies send it requests.',
  })
  tier?: number;
  @ApiPropertyOptional({ description: 'L7Policies that send it requests, by name; absent: none.' })
  policies?: readonly string[];
  @ApiProperty({ description: 'It gets the traffic of the listener, or would; or what policies send it.' })
  active: boolean;
}

/** What a member is in one listener. */
export class MemberUseDto extends FrontendTargetDto {
  @ApiProperty() listener: string;
}

class MemberDto {
  @ApiProperty() name: string;
  @ApiPropertyOptional({ description: 'Absent while the backend is not in the effective config.' })
  address?: string;
  @ApiPropertyOptional({ description: 'Absent: the port of the VIP.' }) port?: number;
  @ApiProperty({ enum: [...BACKEND_STATES, 'missing'], description: '`missing`: no record tells of it.' })
  state: BackendState | 'missing';
  @ApiProperty({ type: [MemberUseDto], description: 'Its weight in each listener, and why.' })
  listeners: readonly MemberUseDto[];
}

export class PoolViewDto {
  @ApiProperty({ description: 'Of a Frontend `<frontend>/<pool>`.' }) name: string;
  @ApiPropertyOptional({ description: 'Absent: default. Its members are of the same.' }) project?: string;
  @ApiProperty({ enum: ['Frontend', 'Pool'], description: 'Kind of the resource that declares it.' })
  declaredBy: 'Frontend' | 'Pool';
  @ApiProperty() description: string;
  @ApiProperty({ enum: ALGORITHMS }) algorithm: Algorithm;
  @ApiProperty({ type: [PoolListenerDto], description: 'Listeners that it serves, by name.' })
  listeners: readonly PoolListenerDto[];
  @ApiProperty({
    type: [MemberDto],
    description:
      'Those that it names first. While it serves no listener, those that PoolMembers bring are missing.',
  })
  members: readonly MemberDto[];
  @ApiProperty() origin: OriginDto;
}
