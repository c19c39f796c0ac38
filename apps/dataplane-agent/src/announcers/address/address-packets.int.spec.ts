import { it } from '@jest/globals';
import { PING, SITE_SPACES, TCPDUMP } from './address-site.fixture.js';
import { describeAddress } from './describe-address.fixture.js';

// what is not installed was told by who looked for it
if (TCPDUMP && PING) await describeAddress('address-packets', SITE_SPACES);
else it.skip('not here: tcpdump or ping is not installed', () => undefined);
