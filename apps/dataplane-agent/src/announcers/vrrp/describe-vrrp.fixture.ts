import { it } from '@jest/globals';
import { describeInside } from '../../drivers/nftables/inside-namespace.fixture.js';
import { KEEPALIVED, PING, TCPDUMP, VRRP_NEIGHBOURS } from './vrrp-world.fixture.js';

/** Runs the tests of a file in the namespace of a client of two nodes. */
export async function describeVrrp(suite: string): Promise<void> {
  // what is not installed was told by who looked for it
  if ([KEEPALIVED, TCPDUMP, PING].includes(undefined))
    it.skip('not here: a program is not installed', () => undefined);
  else await describeInside(suite, VRRP_NEIGHBOURS);
}
