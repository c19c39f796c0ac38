import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { addressKey } from '@signalbox/contracts';
import type { NftListener } from './nft-listener.js';

/** What this machine says of itself that packets depend on. */
export interface MachineFacts {
  /** By `addressKey`. */
  readonly addresses: ReadonlySet<string>;
  /** Whether it forwards packets of others; undefined: it does not say. */
  readonly forwards: { readonly IPv4?: boolean; readonly IPv6?: boolean };
}

const SETTINGS = { IPv4: 'net/ipv4/ip_forward', IPv6: 'net/ipv6/conf/all/forwarding' } as const;

export function machineFacts(): MachineFacts {
  const addresses = Object.values(networkInterfaces()).flatMap(
    (all) => all?.map(({ address }) => address) ?? [],
  );
  return {
    addresses: new Set(addresses.map(addressKey)),
    forwards: { IPv4: isSet(SETTINGS.IPv4), IPv6: isSet(SETTINGS.IPv6) },
  };
}

/** Why packets may not reach the targets of a listener, though its rules are right; undefined: nothing is known. */
export function forwardingWarning(
  { listensAt, targets }: NftListener,
  { addresses, forwards }: MachineFacts,
): string | undefined {
  const far = targets.find(({ address }) => !isLoopback(address) && !addresses.has(addressKey(address)));
  if (!far) return undefined;
  if (isLoopback(listensAt.address)) {
    return `who connects to ${listensAt.address} does not leave this machine, and target ${far.address} is on another`;
  }
  const family = listensAt.address.includes(':') ? 'IPv6' : 'IPv4';
  if (forwards[family] !== false) return undefined;
  const setting = SETTINGS[family].replaceAll('/', '.');
  return `this machine does not forward ${family}, and target ${far.address} is on another: set ${setting} to 1`;
}

function isLoopback(address: string): boolean {
  return /^127\./.test(address) || addressKey(address) === addressKey('::1');
}

function isSet(setting: string): boolean | undefined {
  try {
    return readFileSync(`/proc/sys/${setting}`, 'utf8').trim() !== '0';
  } catch {
    return undefined;
  }
}
