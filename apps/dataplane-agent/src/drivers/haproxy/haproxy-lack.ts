import type { ErrorBody, NodeListener } from '@signalbox/contracts';
import { unsupportedReason } from '../unsupported.js';
import { HAPROXY_CAPABILITIES } from './haproxy-capabilities.js';

/** Why HAProxy cannot do a listener; undefined: it can. */
export function haproxyLack(listener: NodeListener): ErrorBody | undefined {
  const reason = unsupportedReason(listener, HAPROXY_CAPABILITIES, 'haproxy');
  if (reason) return reason;
  const lack = lackOf(listener);
  if (lack === undefined) return undefined;
  return {
    code: 'data-plane-refused',
    message: `driver haproxy cannot serve listener ${listener.name}: ${lack}`,
  };
}

function lackOf({ affinity, protocol, address, listenAt, targets }: NodeListener): string | undefined {
  if (affinity && affinity.type !== 'source-ip' && protocol !== 'http') {
    return `affinity ${affinity.type} needs protocol http, and it has ${protocol}`;
  }
  const zoned = [listenAt?.address ?? address, ...targets.map((target) => target.address)].find((text) =>
    text.includes('%'),
  );
  return zoned && `${zoned} names a zone, which HAProxy does not know; give an address without one`;
}
