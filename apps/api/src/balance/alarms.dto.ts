import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type Alarm, ALARM_KINDS, type AlarmedResource, type AlarmKind } from '@signalbox/contracts';
import { ProjectFilter } from '../http/project.query.js';

export class AlarmsQuery {
  @ProjectFilter('Project, all of them when left out; those of the site itself are in `default`.')
  project?: string;
}

class AlarmedResourceDto implements AlarmedResource {
  @ApiProperty() apiVersion: string;
  @ApiProperty() kind: string;
  @ApiProperty() name: string;
}

export class AlarmDto implements Alarm {
  @ApiProperty({ enum: ALARM_KINDS }) kind: AlarmKind;
  @ApiProperty({
    description:
      'Backend or frontend (outside the project default as project/name), group, EventPeer, EventSubscription, ' +
      'Plugin, service or stream; `health` for the guard.',
  })
  name: string;
  @ApiPropertyOptional({ description: 'Of a backend, frontend or listener; absent: default.' })
  project?: string;
  @ApiPropertyOptional({ description: 'One word for programs: an error code where there is one.' })
  reason?: string;
  @ApiPropertyOptional({
    type: [AlarmedResourceDto],
    description: 'Resources that work less for it, most concerned first.',
  })
  resources?: readonly AlarmedResourceDto[];
  @ApiProperty() since: string;
  @ApiProperty() text: string;
  @ApiPropertyOptional({ description: 'Why nobody is to be woken.' }) silencedBy?: string;
}

export class AlarmsDto {
  @ApiProperty({ type: [AlarmDto], description: 'By kind, then name.' }) items: readonly AlarmDto[];
}
