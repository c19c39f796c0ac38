import { describeVrrp } from './describe-vrrp.fixture.js';

await describeVrrp('vrrp-agents');
