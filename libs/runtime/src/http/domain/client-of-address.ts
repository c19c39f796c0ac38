/** IPv6 clients have a whole network of 64 bits to send from: four groups of the address are one client. */
const GROUPS_OF_CLIENT = 4;

/** Whom an IP address stands for when requests are counted: itself for IPv4, its /64 for IPv6. */
export function clientOfAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.replace(/%.*$/, '').toLowerCase().split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === '' ? [] : tail.split(':');
  const gap = address.includes('::') ? Math.max(0, 8 - first.length - last.length) : 0;
  const groups = [...first, ...Array.from({ length: gap }, () => '0'), ...last];
  return `${groups
    .slice(0, GROUPS_OF_CLIENT)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
