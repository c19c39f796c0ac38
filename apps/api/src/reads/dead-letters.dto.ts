import { ApiProperty } from '@nestjs/swagger';
import type { DeadLetter } from '@signalbox/contracts';
import { PageQuery } from '../http/page.query.js';
import { Sorted } from '../http/sorted.js';
import { TextFilter } from '../http/text-filter.js';

export class DeadLettersQuery extends PageQuery {
  @TextFilter('Service that gave the message up.') service?: string;
  @TextFilter('Error code.') code?: string;
  @Sorted('-seq', 'seq') sort?: string;
}

export class DeadLetterItemDto {
  @ApiProperty() seq: number;
  @ApiProperty() service: string;
  @ApiProperty() code: string;
  @ApiProperty() message: string;
  @ApiProperty({ description: 'Subject of the message.' }) subject: string;
  @ApiProperty() at: string;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  about: Readonly<Record<string, string>>;
}

export class DeadLetterDto extends DeadLetterItemDto {
  @ApiProperty({ type: Object, description: 'The whole record with the payload of the message.' })
  letter: DeadLetter;
}
