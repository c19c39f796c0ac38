import { type ErrorBody, type NodeListener, readsRequests } from '@signalbox/contracts';
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

function lackOf({
  affinity,
  protocol,
  tls,
  policies,
  policyPools = [],
  address,
  listenAt,
  targets,
}: NodeListener): string | undefined {
  if (affinity && affinity.type !== 'source-ip' && !readsRequests(protocol)) {
    return `affinity ${affinity.type} needs protocol http or terminated-https, and it has ${protocol}`;
  }
  if (policies && !readsRequests(protocol)) {
    return `policies need protocol http or terminated-https, and it has ${protocol}`;
  }
  if (protocol === 'terminated-https' && !tls) return 'it names no certificate';
  const all = [...targets, ...policyPools.flatMap((pool) => pool.targets)];
  const zoned = [listenAt?.address ?? address, ...all.map((target) => target.address)].find((text) =>
    text.includes('%'),
  );
  return zoned && `${zoned} names a zone, which HAProxy does not know; give an address without one`;
}
