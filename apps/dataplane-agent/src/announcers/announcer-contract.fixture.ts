import { afterEach, beforeEach, describe, jest } from '@jest/globals';
import {
  AnnouncerStage,
  type AnnouncerSubject,
  type AnnouncerTraits,
  type Stage,
} from './contract/announcer-stage.fixture.js';
import { describeAnnounce } from './contract/announce.fixture.js';
import { describeOthers } from './contract/others.fixture.js';
import { describeRefusals } from './contract/refusals.fixture.js';
import { describeRestarts } from './contract/restarts.fixture.js';

/** For hangs only: a whole test with a daemon that is started for it. Milliseconds. */
const TEST_MS = 120_000;

/**
 * The contract of `VipAnnouncer`, with a real daemon or kernel and somebody who is told. Every method passes it. Reference load-balancing
 * sections 5 and 7, ADR 0042.
 */
export function describeAnnouncer(
  name: string,
  make: () => Promise<AnnouncerSubject>,
  traits: AnnouncerTraits,
): void {
  describe(`the announcer contract: ${name}`, () => {
    jest.setTimeout(TEST_MS);
    let current: AnnouncerStage | undefined;
    const stage: Stage = () => {
      if (!current) throw new Error('a stage is there while a test runs');
      return current;
    };
    beforeEach(async () => {
      current = await AnnouncerStage.open(make);
    }, TEST_MS);
    afterEach(async () => {
      await current?.close();
      current = undefined;
    }, TEST_MS);

    describeAnnounce(stage, traits);
    describeRefusals(stage, traits);
    describeOthers(stage, traits);
    describeRestarts(stage, traits);
  });
}
