import type { AuthorizedRequest } from '@signalbox/runtime';

/** Who a change is recorded for: the name of the token. */
export function authorOf({ principal }: AuthorizedRequest): string {
  return principal?.name ?? 'unknown';
}
