/**
 * Addresses as the lb plugin holds them: 16 bytes, IPv4 in the last four behind zeros, and a length that counts these zeros too. VPP's
 * `ip46_address_t`; the code of the client is not used here, so that both do not share a mistake.
 */

const V4_AT = 12;

/** VPP tells the families apart by the zeros: what has them is IPv4. */
export function isV4(bytes: Uint8Array): boolean {
  return bytes.subarray(0, V4_AT).every((byte) => byte === 0);
}

/** Of a family and the 16 bytes of a message, where IPv4 lies in the first four. `ip_address_decode`. */
export function fromWire(family: number, union: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16);
  if (family === 0) bytes.set(union.subarray(0, 4), V4_AT);
  else bytes.set(union.subarray(0, 16));
  return bytes;
}

/** Family and 16 bytes of a message. `ip_address_encode`. */
export function toWire(bytes: Uint8Array): Uint8Array {
  const wire = new Uint8Array(17);
  if (isV4(bytes)) wire.set(bytes.subarray(V4_AT), 1);
  else {
    wire[0] = 1;
    wire.set(bytes, 1);
  }
  return wire;
}

/** Only the bits of the prefix. `ip46_prefix_normalize`. */
export function masked(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.map((byte, at) => {
    const bits = Math.min(8, Math.max(0, length - at * 8));
    return byte & (0xff << (8 - bits));
  });
}

/** As VPP prints an address. */
export function shown(bytes: Uint8Array): string {
  if (isV4(bytes)) return bytes.subarray(V4_AT).join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16),
  );
  // the first longest run of zeros, of two groups at least, is left out
  const runs = [...groups.join(':').matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length);
  const [run] = runs;
  if (run === undefined) return groups.join(':');
  const text = groups.join(':');
  return `${text.slice(0, run.index).replace(/:$/, '')}::${text.slice(run.index + run[0].length).replace(/^:/, '')}`;
}

/** Bytes of an address that a test writes. */
export function parsed(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  if (!text.includes(':')) {
    bytes.set(text.split('.').map(Number), V4_AT);
    return bytes;
  }
  const [head = '', tail = ''] = text.split('::');
  const groups = (side: string) => side.split(':').filter(Boolean);
  const all = [
    ...groups(head),
    ...Array<string>(8 - groups(head).length - groups(tail).length).fill('0'),
    ...groups(tail),
  ];
  all.forEach((group, at) => bytes.set([parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff], at * 2));
  return bytes;
}

/** Two addresses are one. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
