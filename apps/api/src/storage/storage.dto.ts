import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Forecast } from '../domain/fill-forecast.js';
import type { StorageItem } from '../domain/storage-items.js';

export class StorageItemDto implements StorageItem, Forecast {
  @ApiProperty({ enum: ['stream', 'table', 'cache', 'queue', 'disk'] }) kind: StorageItem['kind'];
  @ApiProperty() name: string;
  @ApiProperty({ description: 'The service that keeps it, `operator` for what no service knows.' })
  owner: string;
  @ApiProperty({ enum: ['bytes', 'rows', 'entries'], description: 'Of `used`, `bound` and `growthPerHour`.' })
  unit: StorageItem['unit'];
  @ApiPropertyOptional({ description: 'Absent while whoever could say is `away`.' }) used?: number;
  @ApiPropertyOptional({ description: 'Absent where no number bounds it; then `rule` says what does.' })
  bound?: number;
  @ApiPropertyOptional() rule?: string;
  @ApiPropertyOptional({
    enum: ['refuses', 'waits', 'loses', 'forgets', 'prunes', 'warns'],
    description:
      'What happens at the bound: what is new is refused; whoever adds to it waits; the oldest go and nobody else has them; ' +
      'the oldest go and are found elsewhere; what is over goes, as it shall; people are told.',
  })
  whenFull?: StorageItem['whenFull'];
  @ApiPropertyOptional({ description: 'Variables and fields of resources that say the bound.' })
  setting?: string;
  @ApiPropertyOptional({ description: 'Messages of a stream, rows of a table as Postgres estimates them.' })
  count?: number;
  @ApiPropertyOptional({ description: 'Of a stream, or of a table with its indexes.' }) bytes?: number;
  @ApiPropertyOptional({ description: '100 times `used` by `bound`.' }) usedPercent?: number;
  @ApiPropertyOptional({ description: 'Negative when it shrinks; absent while too little is known.' })
  growthPerHour?: number;
  @ApiProperty({
    enum: ['unknown', 'never', 'filling', 'full'],
    description:
      'When it goes on as in the last hours, six at most. `unknown`: no bound, or too few samples.',
  })
  outlook: Forecast['outlook'];
  @ApiPropertyOptional({ description: 'When it is `filling`; 0 when it is `full`.' }) fullInSeconds?: number;
}

export class StorageDto {
  @ApiProperty({ type: [String], description: 'Services, `nats` and `postgres`, where they do not answer.' })
  away: readonly string[];
  @ApiProperty({ type: [StorageItemDto] }) items: readonly StorageItemDto[];
}
