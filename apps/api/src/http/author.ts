import { type ChangeOrigin, ORIGIN_LIMITS } from '@signalbox/contracts';
import type { AuthorizedRequest } from '@signalbox/runtime';

/** Who a change is recorded for, and where it came from. */
export interface Author {
  readonly author: string;
  readonly from?: ChangeOrigin;
}

/** Of a request that the guard let pass: the name of who calls, its subject, its address and its program. */
export function authorOf({ principal, ip, headers }: AuthorizedRequest): Author {
  if (!principal) return { author: 'unknown' };
  const agent = (headers['user-agent'] ?? '').slice(0, ORIGIN_LIMITS.agent);
  const from = {
    subject: principal.subject.slice(0, ORIGIN_LIMITS.subject),
    address: ip.slice(0, ORIGIN_LIMITS.address),
    ...(agent !== '' && { agent }),
  };
  return { author: principal.name, from };
}
