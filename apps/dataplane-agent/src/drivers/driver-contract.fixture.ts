import { afterEach, beforeEach, describe } from '@jest/globals';
import { describeApply } from './contract/apply.fixture.js';
import { describeCapabilities } from './contract/capabilities.fixture.js';
import { describeConnections } from './contract/connections.fixture.js';
import { describeCounters } from './contract/counters.fixture.js';
import { describeDatagrams } from './contract/datagrams.fixture.js';
import { describeDistribution } from './contract/distribution.fixture.js';
import {
  DriverStage,
  type DriverSubject,
  type DriverTraits,
  type Stage,
} from './contract/driver-stage.fixture.js';
import { describeEnds } from './contract/ends.fixture.js';
import { describeListening } from './contract/listening.fixture.js';

/**
 * The contract of `DataplaneDriver`, with real servers and clients on loopback. Every driver passes it; what its
 * capabilities lack is tested to be refused. Reference load-balancing sections 2 and 7.
 */
export function describeDriver(name: string, make: () => Promise<DriverSubject>, traits: DriverTraits): void {
  describe(`the data plane contract: ${name}`, () => {
    let current: DriverStage | undefined;
    const stage: Stage = () => {
      if (!current) throw new Error('a stage is there while a test runs');
      return current;
    };
    beforeEach(async () => {
      current = await DriverStage.open(make);
    });
    afterEach(async () => {
      await current?.close();
      current = undefined;
    });

    describeApply(stage);
    describeDistribution(stage);
    describeConnections(stage, traits);
    describeListening(stage);
    describeCounters(stage, traits);
    if (traits.capabilities.protocols.includes('udp')) describeDatagrams(stage, traits);
    describeCapabilities(stage, name, traits.capabilities);
    describeEnds(stage, traits);
  });
}
