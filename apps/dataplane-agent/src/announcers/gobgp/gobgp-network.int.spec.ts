import { describeBgp } from '../bgp/describe-bgp.fixture.js';
import { GOBGP, GOBGPD } from './gobgp.fixture.js';

await describeBgp('gobgp-network', GOBGPD, GOBGP);
