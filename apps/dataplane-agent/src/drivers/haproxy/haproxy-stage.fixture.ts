import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { DriverStage } from '../contract/driver-stage.fixture.js';
import { HAPROXY, HaproxyStand } from './haproxy.fixture.js';

/** The running test: three servers with clients, and the HAProxy between them. */
export interface HaproxyStage {
  readonly stage: DriverStage;
  readonly stand: HaproxyStand;
}

/** Tests with a HAProxy of our own each; skipped, and told at the end of the run, where it is not installed. */
export function describeHaproxy(what: string, body: (given: () => HaproxyStage) => void): void {
  describe(what, () => {
    if (!HAPROXY) {
      it.skip('HAProxy is not installed', () => undefined);
      return;
    }
    let current: HaproxyStage | undefined;
    beforeEach(async () => {
      const stand = await HaproxyStand.open();
      current = { stand, stage: await DriverStage.open(async () => stand) };
    });
    afterEach(async () => {
      await current?.stage.close();
      current = undefined;
    });
    body(() => {
      if (!current) throw new Error('a stage is there while a test runs');
      return current;
    });
  });
}
