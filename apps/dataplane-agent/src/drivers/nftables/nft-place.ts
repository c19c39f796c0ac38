import type { Place } from '../place.js';
import { kernelAddress } from './nft-listener.js';

/** A place as `dnat` is told, and as it is told back. */
export function kernelPlace({ address, port }: Place): string {
  return address.includes(':') ? `[${kernelAddress(address)}]:${port}` : `${address}:${port}`;
}

/** A place as maps hold it. */
export function placeData({ address, port }: Place): string {
  return `${kernelAddress(address)} . ${port}`;
}
