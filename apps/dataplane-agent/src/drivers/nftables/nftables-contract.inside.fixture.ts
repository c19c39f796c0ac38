import { describeDriver } from '../driver-contract.fixture.js';
import { NFTABLES_CAPABILITIES } from './nftables-capabilities.js';
import { NftStand } from './nftables.fixture.js';

describeDriver('nftables', () => NftStand.open(), {
  capabilities: NFTABLES_CAPABILITIES,
  canHang: true,
  outlivesProcess: true,
  translatesPackets: true,
});
