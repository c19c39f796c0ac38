import {
  addressFamily,
  addressKey,
  type ErrorBody,
  familyOf,
  isPrime,
  type NodeListener,
} from '@signalbox/contracts';
import { LARGEST_TABLE } from '../../domain/maglev-table.js';
import { unsupportedReason } from '../unsupported.js';
import { NFTABLES_CAPABILITIES } from './nftables-capabilities.js';

/** Addresses that stand for all of a machine: what comes to them is found by the address itself here. */
const ANY: readonly string[] = ['0.0.0.0', '::'];

/** Why nftables cannot do a listener; undefined: it can. */
export function nftablesLack(listener: NodeListener): ErrorBody | undefined {
  const reason = unsupportedReason(listener, NFTABLES_CAPABILITIES, 'nftables');
  if (reason) return reason;
  const lack = lackOf(listener);
  if (lack === undefined) return undefined;
  return {
    code: 'data-plane-refused',
    message: `driver nftables cannot serve listener ${listener.name}: ${lack}`,
  };
}

function lackOf(listener: NodeListener): string | undefined {
  const { address, port, listenAt, forwarding, algorithm, tableSize, targets } = listener;
  const place = listenAt?.address ?? address;
  const isElsewhere = addressKey(place) !== addressKey(address) || (listenAt && listenAt.port !== port);
  if (forwarding === 'dsr' && isElsewhere)
    return `targets that answer clients themselves have the VIP ${address} and its port ${port}, and listenAt names another place`;
  if (ANY.includes(place)) return `it would listen at ${place}; name one address in listenAt`;
  const zoned = [place, ...targets.map((target) => target.address)].find(
    (text) => familyOf(text) === undefined,
  );
  if (zoned !== undefined)
    return `${zoned} names a zone, which rules do not know; give an address without one`;
  const other = targets.find((target) => addressFamily(target.address) !== addressFamily(place));
  if (other) return `target ${other.address} is of another address family than ${place}, where it listens`;
  if (
    algorithm === 'maglev' &&
    tableSize !== undefined &&
    (!isPrime(tableSize) || tableSize > LARGEST_TABLE)
  ) {
    return `a Maglev table has a prime number of slots, at most ${LARGEST_TABLE}, not ${tableSize}`;
  }
  return undefined;
}
