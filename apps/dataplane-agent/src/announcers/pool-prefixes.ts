import { BlockList } from 'node:net';
import { addressFamily } from '@signalbox/contracts';

/** The prefixes of VipPools: no address outside of them ever leaves a node. ADR 0042. */
export class PoolPrefixes {
  private readonly list = new BlockList();

  constructor(prefixes: readonly string[]) {
    for (const prefix of prefixes) {
      const [net = '', length] = prefix.split('/');
      this.list.addSubnet(net, Number(length), familyWord(net));
    }
  }

  holds(address: string): boolean {
    return this.list.check(address, familyWord(address));
  }
}

function familyWord(address: string): 'ipv4' | 'ipv6' {
  return addressFamily(address) === 'IPv4' ? 'ipv4' : 'ipv6';
}
