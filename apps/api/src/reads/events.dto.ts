import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, Matches, MaxLength } from 'class-validator';
import { Flag } from '../http/flag.js';
import { PageQuery } from '../http/page.query.js';
import { STORABLE } from '../http/storable.js';
import { Sorted } from '../http/sorted.js';
import { Moment } from '../http/time-range.js';
import { TextFilter } from '../http/text-filter.js';

/** Which end of the facts a list begins at. */
export const EVENT_ORDERS = ['oldest', 'newest'] as const;
type EventOrder = (typeof EVENT_ORDERS)[number];

export class EventsQuery extends PageQuery {
  @Flag('Also those whose expiresAt has passed.') includeExpired: boolean = false;
  @TextFilter('Type.') type?: string;
  @TextFilter('Subject.') subject?: string;
  @TextFilter('Source node.') source?: string;
  @TextFilter(
    'By observedAt, then id, from the oldest on (when left out) or from the newest on.',
    EVENT_ORDERS,
  )
  order?: EventOrder;
  @Sorted('observedAt', '-observedAt') sort?: string;
  @Moment('Observed then or later.') since?: string;
  @Moment('Observed before.') until?: string;
}

/** Which fact, where its id cannot stand in a path. */
export class EventIdQuery {
  @ApiProperty({ description: 'Id of the fact.' })
  @IsString({ message: 'must be given once' })
  @MaxLength(1024)
  @Matches(STORABLE, { message: 'must not hold NUL' })
  id: string;
}

/** A fact in its wire form and how it is stored. */
export class EventItemDto {
  @ApiProperty() id: string;
  @ApiProperty() group: string;
  @ApiProperty() sourceNode: string;
  @ApiProperty() type: string;
  @ApiPropertyOptional() subject?: string;
  @ApiProperty() dedupeKey: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  payload?: Readonly<Record<string, string>>;
  @ApiProperty() observedAt: string;
  @ApiPropertyOptional() expiresAt?: string;
  @ApiPropertyOptional() traceparent?: string;
  @ApiPropertyOptional() correlationId?: string;
  @ApiPropertyOptional() causationId?: string;
  @ApiProperty({ description: 'Newest record of the id in the stream of the group.' }) seq: number;
  @ApiProperty({ description: 'How many records of the id were accepted.' }) version: number;
  @ApiProperty({ description: 'This site originated it.' }) own: boolean;
  @ApiProperty({ enum: ['pub', 'request', 'rest', 'peer'] }) way: string;
  @ApiProperty() acceptedAt: string;
  @ApiProperty() expired: boolean;
}
