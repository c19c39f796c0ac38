import { CodedError } from '@signalbox/contracts';
import type { LinkAddress, LinkAddresses } from './link-addresses.js';

/** Interfaces whose addresses are a table in memory. */
export class MemoryAddresses implements LinkAddresses {
  readonly links = new Map<string, Set<string>>([['lo', new Set(['127.0.0.1', '::1'])]]);
  /** Addresses that the system does not take. */
  readonly refused = new Set<string>();

  /** `journal`: every change in its order: `add <address>` or `remove <address>`. */
  constructor(readonly journal: string[] = []) {}

  list(name: string): Promise<ReadonlySet<string>> {
    const link = this.links.get(name);
    return link
      ? Promise.resolve(new Set(link))
      : Promise.reject(new CodedError('data-plane-unavailable', `there is no interface ${name}`));
  }

  add(addresses: readonly LinkAddress[]): Promise<string> {
    for (const one of addresses)
      if (!this.refused.has(one.address)) {
        this.links.get(one.interface)?.add(one.address);
        this.journal.push(`add ${one.address}`);
      }
    return Promise.resolve(addresses.some(({ address }) => this.refused.has(address)) ? 'no room' : '');
  }

  remove(addresses: readonly LinkAddress[]): Promise<string> {
    for (const one of addresses) {
      this.links.get(one.interface)?.delete(one.address);
      this.journal.push(`remove ${one.address}`);
    }
    return Promise.resolve('');
  }
}
