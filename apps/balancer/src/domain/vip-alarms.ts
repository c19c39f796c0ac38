import { type Alarm, holderOf, toldProject } from '@signalbox/contracts';
import type { VipWait } from './vip-ledger.js';

/** One alarm per claim or load balancer that has no VIP. ADR 0025. */
export function vipAlarms(waits: ReadonlyMap<string, VipWait>): Alarm[] {
  return [...waits].map(([key, { at: since, code: reason, reason: text }]): Alarm => {
    const { name } = holderOf(key);
    return {
      kind: 'vip-missing',
      name,
      ...toldProject(name),
      reason,
      since,
      text: `${key} has no address: ${text}`,
    };
  });
}
