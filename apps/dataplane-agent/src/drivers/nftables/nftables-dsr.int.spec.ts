import { DSR_NEIGHBOURS } from './dsr-world.fixture.js';
import { describeInside } from './inside-namespace.fixture.js';

await describeInside('nftables-dsr', DSR_NEIGHBOURS);
