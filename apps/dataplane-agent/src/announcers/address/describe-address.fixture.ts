import { it } from '@jest/globals';
import { describeInside } from '../../drivers/nftables/inside-namespace.fixture.js';
import { ARPING, NDPTOOL } from './address-world.fixture.js';

/** Runs the tests of a file in a namespace of their own; `spaces`: others that they use. */
export async function describeAddress(suite: string, spaces: readonly string[]): Promise<void> {
  // what is not installed was told by who looked for it
  if (!ARPING || !NDPTOOL) it.skip('not here: a program is not installed', () => undefined);
  else await describeInside(suite, spaces);
}
