import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const PUBLIC_ROUTE = 'signalbox:public';

/** Marks routes that answer without a token. */
export function Public(): CustomDecorator {
  return SetMetadata(PUBLIC_ROUTE, true);
}
