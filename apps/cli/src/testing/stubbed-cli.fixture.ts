import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { type Ended, runCommand } from './run-command.fixture.js';
import { StubSite } from './stub-site.fixture.js';

/** A stub site for a file of specs, and the command with that site as its context. */
export interface StubbedCli {
  /** There while the specs run; forgets between them. */
  readonly site: StubSite;
  /** Runs a line of words. */
  readonly signalbox: (line: string, given?: Parameters<typeof runCommand>[1]) => Promise<Ended>;
}

/** Call it once at the top of a file of specs. */
export function stubbedCli(): StubbedCli {
  let site: StubSite | undefined;
  const there = (): StubSite => {
    if (!site) throw new Error('the stub site is there while specs run');
    return site;
  };
  beforeAll(async () => {
    site = await StubSite.start();
  });
  afterAll(() => there().stop());
  beforeEach(() => there().forget());
  return {
    get site() {
      return there();
    },
    signalbox: (line, given = {}) =>
      runCommand(line.split(' '), {
        env: { SIGNALBOX_URL: there().url, SIGNALBOX_TOKEN: 'sbx_t' },
        ...given,
      }),
  };
}
