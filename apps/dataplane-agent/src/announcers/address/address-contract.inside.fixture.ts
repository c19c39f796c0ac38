import { describeAnnouncer } from '../announcer-contract.fixture.js';
import { AddressStand } from './address.fixture.js';

describeAnnouncer('address', () => AddressStand.open(), {
  ...{ method: 'address', hasPeers: false, hasAttributes: false, refusesWholes: false, hasLeftovers: false },
  healsItself: true,
});
