import { type Site, until } from '@signalbox/testing';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { SEEN_HOST_SERVER } from '../e2e/test-plugins.js';
import { publishAll, renewals, SEEN } from './fact-load.js';
import { expectAppliedOnce, expectStoredOnce, isSettled } from './history-check.js';
import { KillableSite } from './killable-site.js';
import { seededRandom } from './seeded-random.js';
import { SEEN_HOSTS } from './seen-hosts.js';
import { SteadyLoad } from './steady-load.js';

/** Every fact starts the plugin, and every other one renews what an earlier one led to. */
const PACE = { perSecond: 500, matching: 1, lineages: 2000 };
/** Services on the way of a fact. */
const ON_THE_WAY = ['ingest', 'matcher', 'plugin-runner', 'renderer'];
/** Deadlines for hangs. Milliseconds. */
const SETTLED_MS = 300_000;
const TEST_MS = 1_200_000;

describe('500 facts a second, each matched and run', () => {
  let killable: KillableSite;
  let site: Site;

  beforeAll(async () => {
    killable = await KillableSite.start();
    site = killable.site;
    const executable = await site.addPlugin('seen-host', SEEN_HOST_SERVER);
    const retry = { maxAttempts: 50, backoff: '50ms', maxBackoff: '200ms' };
    await site.apply(
      manifest(
        plugin('seen-host', executable, { mode: 'persistent' }),
        subscription(SEEN_HOSTS, SEEN, 'seen-host', { retry }),
      ),
    );
  }, TEST_MS);

  afterAll(() => killable?.stop(), TEST_MS);

  it(
    'F1 F4 F5 F20 lose and repeat nothing while everything on their way is killed in turn, and a rebuild finds the same',
    async () => {
      const load = await SteadyLoad.start(site, seededRandom('full-rate'), PACE);
      try {
        for (const name of ON_THE_WAY) await killable.kill(killable.service(name));
        for (const server of killable.servers) await killable.kill(server);
      } catch (error) {
        await load.abandon();
        throw error;
      }
      const sent = await load.stop();
      process.stderr.write(`full-rate: ${sent.length} facts\n`);

      await until('every lineage to be applied', () => isSettled(site, SEEN_HOSTS, sent), SETTLED_MS);
      const all = [...sent, ...renewals(sent)];
      await publishAll(site, all.slice(sent.length), () => undefined);
      await until('every lineage to be renewed', () => isSettled(site, SEEN_HOSTS, all), SETTLED_MS);
      await expectStoredOnce(site, all);
      await expectAppliedOnce(site, SEEN_HOSTS, all);
      const { code, stdout } = await site.cli('projections', 'verify');
      expect({ code, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stdout: '' });
    },
    TEST_MS,
  );
});
