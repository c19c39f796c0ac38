import { addressFamily, addressKey } from '@signalbox/contracts';

/**
 * One text for all spellings of an address: "10.0.0.1"; of IPv6 all eight groups of four digits in brackets,
 * "[2001:0db8:0000:0000:0000:0000:0000:0001]", a zone behind a "%".
 */
export function hostName(address: string): string {
  if (addressFamily(address) === 'IPv4') return address;
  const [, digits = '', zone = ''] = addressKey(address).split(' ');
  const groups = digits.replace(/(.{4})(?=.)/g, '$1:');
  return `[${groups}${zone === '' ? '' : `%${zone}`}]`;
}

/** Name of a place that people connect to or from: its host name, ":", its port. */
export function placeName(address: string, port: number): string {
  return `${hostName(address)}:${port}`;
}
