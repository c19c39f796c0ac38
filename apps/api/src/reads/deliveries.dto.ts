import { ApiProperty } from '@nestjs/swagger';
import { DELIVERY_STATES, type DeliveryState } from '@signalbox/contracts';
import { PageQuery } from '../http/page.query.js';
import { TextFilter } from '../http/text-filter.js';

export class DeliveriesQuery extends PageQuery {
  @TextFilter('Group.') group?: string;
  @TextFilter('Id of the fact.') eventId?: string;
  @TextFilter('Name of the EventPeer.') peer?: string;
  @TextFilter('Status.', DELIVERY_STATES) status?: string;
}

export class DeliveryItemDto {
  @ApiProperty() eventId: string;
  @ApiProperty() group: string;
  @ApiProperty() peer: string;
  @ApiProperty({ enum: DELIVERY_STATES }) status: DeliveryState;
  @ApiProperty() attempts: number;
  @ApiProperty() lastAttempt: string;
  @ApiProperty({ type: String, nullable: true, description: '`code: message`.' }) lastError: string | null;
  @ApiProperty({ type: String, nullable: true }) deliveredAt: string | null;
  @ApiProperty({ description: 'Record of the fact that is or was delivered.' }) version: number;
  @ApiProperty({ type: String, nullable: true }) expiresAt: string | null;
}
