/** Family of an IP address, as people call it. */
export type FamilyName = 'IPv4' | 'IPv6';

const IPV6_GROUPS = 8;

/** Family of an address that a kind has accepted. */
export function addressFamily(address: string): FamilyName {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

/**
 * Text that is equal for all spellings of one address and sorts (by code units) as the addresses do: IPv4 before
 * IPv6, numeric inside a family, the zone of a link-local address last. Reference 5.6.
 */
export function addressKey(address: string): string {
  if (addressFamily(address) === 'IPv4') return `4 ${ipv4Hex(address)}`;
  const [groups = '', zone = ''] = address.split('%');
  return `6 ${ipv6Hex(groups.toLowerCase())} ${zone}`;
}

/** Negative, 0 or positive as `a` comes before, is, or comes after `b`. Reference 5.6. */
export function compareAddresses(a: string, b: string): number {
  const [first, second] = [addressKey(a), addressKey(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function ipv4Hex(address: string): string {
  return address
    .split('.')
    .map((byte) => Number(byte).toString(16).padStart(2, '0'))
    .join('');
}

function ipv6Hex(address: string): string {
  const [head = '', tail = ''] = address.split('::').map(groupsHex);
  return head + tail.padStart(IPV6_GROUPS * 4 - head.length, '0');
}

function groupsHex(groups: string): string {
  return groups
    .split(':')
    .filter((group) => group !== '')
    .map((group) => (group.includes('.') ? ipv4Hex(group) : group.padStart(4, '0')))
    .join('');
}
