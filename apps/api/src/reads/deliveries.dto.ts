import { ApiProperty } from '@nestjs/swagger';
import { DELIVERY_STATES, type DeliveryState } from '@signalbox/contracts';
import { PageQuery } from '../http/page.query.js';
import { TextFilter } from '../http/text-filter.js';

export class DeliveriesQuery extends PageQuery {
  @TextFilter('Group.') group?: string;
  @TextFilter('Id of the fact.') eventId?: string;
  @TextFilter('Name of the EventPeer, or of its node.') peer?: string;
  @TextFilter('Status.', DELIVERY_STATES) status?: string;
}

export class DeliveryItemDto {
  @ApiProperty() eventId: string;
  @ApiProperty() group: string;
  @ApiProperty({ description: 'Name of the EventPeer.' }) peer: string;
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Node of the peer; null once it is not declared.',
  })
  node: string | null;
  @ApiProperty({ enum: DELIVERY_STATES }) status: DeliveryState;
  @ApiProperty() attempts: number;
  @ApiProperty({ type: String, nullable: true, description: 'null when it was never tried.' })
  lastAttempt: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    description: '`code: message` of the last try, or why it was never tried.',
  })
  lastError: string | null;
  @ApiProperty({ type: String, nullable: true }) deliveredAt: string | null;
  @ApiProperty({ description: 'Record of the fact that is or was delivered.' }) version: number;
  @ApiProperty({ type: String, nullable: true }) expiresAt: string | null;
}
