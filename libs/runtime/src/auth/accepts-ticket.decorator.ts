import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const TICKET_ROUTE = 'signalbox:ticket';

/** Marks routes that a browser opens by itself, without headers: a ticket in the query does there what a token does. */
export function AcceptsTicket(): CustomDecorator {
  return SetMetadata(TICKET_ROUTE, true);
}
