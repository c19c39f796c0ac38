import { ApiProperty } from '@nestjs/swagger';

export class StateCountDto {
  @ApiProperty() state: string;
  @ApiProperty() count: number;
}

class GroupVitalsDto {
  @ApiProperty() name: string;
  @ApiProperty({ description: 'Sequence of its newest fact: it rises by one with each.' }) accepted: number;
}

class PeerVitalsDto {
  @ApiProperty() group: string;
  @ApiProperty() peer: string;
  @ApiProperty() pending: number;
  @ApiProperty() failed: number;
  @ApiProperty({ description: 'The longest of the last hour.' }) lagSeconds: number;
}

class ConsumerVitalsDto {
  @ApiProperty() name: string;
  @ApiProperty() stream: string;
  @ApiProperty({ description: 'Messages before it.' }) lag: number;
  @ApiProperty({ description: 'Given out, and not acknowledged.' }) inWork: number;
}

export class VitalsDto {
  @ApiProperty({ format: 'date-time' }) at: string;
  @ApiProperty() node: string;
  @ApiProperty() ready: boolean;
  @ApiProperty() revision: number;
  @ApiProperty() generation: number;
  @ApiProperty() alarms: number;
  @ApiProperty({ type: [GroupVitalsDto] }) groups: readonly GroupVitalsDto[];
  @ApiProperty({
    type: [StateCountDto],
    description: 'All that are not at an end, and the last thousand that are.',
  })
  runs: readonly StateCountDto[];
  @ApiProperty({ type: [StateCountDto] }) backends: readonly StateCountDto[];
  @ApiProperty({ type: [PeerVitalsDto] }) peers: readonly PeerVitalsDto[];
  @ApiProperty({ type: [ConsumerVitalsDto], description: 'The twenty that are behind most.' })
  consumers: readonly ConsumerVitalsDto[];
}
