import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type Alarm, ALARM_KINDS, type AlarmKind } from '@signalbox/contracts';

class AlarmDto implements Alarm {
  @ApiProperty({ enum: ALARM_KINDS }) kind: AlarmKind;
  @ApiProperty({ description: 'Backend or frontend; `health` for the guard.' }) name: string;
  @ApiProperty() since: string;
  @ApiProperty() text: string;
  @ApiPropertyOptional({ description: 'Why nobody is to be woken.' }) silencedBy?: string;
}

export class AlarmsDto {
  @ApiProperty({ type: [AlarmDto], description: 'By kind, then name.' }) items: readonly AlarmDto[];
}
