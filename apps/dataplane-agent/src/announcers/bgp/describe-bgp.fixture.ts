import { it } from '@jest/globals';
import { describeInside } from '../../drivers/nftables/inside-namespace.fixture.js';
import { BIRD, BIRDC, ROUTER_SPACES } from './bgp-world.fixture.js';

/** Runs the tests of a file in a namespace of their own, which has routers; `programs`: what they need beside BIRD. */
export async function describeBgp(
  suite: string,
  ...programs: readonly (string | undefined)[]
): Promise<void> {
  // what is not installed was told by who looked for it
  if ([BIRD, BIRDC, ...programs].includes(undefined))
    it.skip('not here: a program is not installed', () => undefined);
  else await describeInside(suite, ROUTER_SPACES);
}
