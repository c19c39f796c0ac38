import { describeAnnouncer } from '../announcer-contract.fixture.js';
import { BirdStand } from './bird.fixture.js';

describeAnnouncer('bird', () => BirdStand.open(), {
  ...{ method: 'bird', hasPeers: true, hasAttributes: true, refusesWholes: true, hasLeftovers: true },
  daemon: 'hangs',
});
