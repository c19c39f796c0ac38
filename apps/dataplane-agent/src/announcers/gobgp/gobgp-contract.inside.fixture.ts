import { describeAnnouncer } from '../announcer-contract.fixture.js';
import { GobgpStand } from './gobgp.fixture.js';

describeAnnouncer('gobgp', () => GobgpStand.open(), {
  ...{ method: 'gobgp', hasPeers: true, hasAttributes: true, refusesWholes: false, hasLeftovers: true },
  daemon: 'hangs',
});
