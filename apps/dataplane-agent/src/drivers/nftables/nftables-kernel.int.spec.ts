import { describeInside } from './inside-namespace.fixture.js';

await describeInside('nftables-kernel', ['client', 'server']);
