import { it } from '@jest/globals';
import { describeDriver } from '../driver-contract.fixture.js';
import { HAPROXY_CAPABILITIES } from './haproxy-capabilities.js';
import { HAPROXY, HaproxyStand } from './haproxy.fixture.js';

if (HAPROXY) {
  describeDriver('haproxy', () => HaproxyStand.attached(), {
    capabilities: HAPROXY_CAPABILITIES,
    canHang: true,
    outlivesProcess: true,
  });
} else {
  // the end of the run says what was left out
  it.skip('HAProxy is not installed', () => undefined);
}
