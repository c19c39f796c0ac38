import { describeBgp } from '../bgp/describe-bgp.fixture.js';

await describeBgp('bird-network');
