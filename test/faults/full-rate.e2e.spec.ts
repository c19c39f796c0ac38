import { isAlive } from '@signalbox/embedded';
import { Site, until } from '@signalbox/testing';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { SEEN_HOST_SERVER } from '../e2e/test-plugins.js';
import { publishAll, renewals, SEEN } from './fact-load.js';
import { expectAppliedOnce, expectStoredOnce, isSettled } from './history-check.js';
import { killAndReplace } from './kill.js';
import { OwnPostgres } from './own-postgres.js';
import { seededRandom } from './seeded-random.js';
import { SEEN_HOSTS } from './seen-hosts.js';
import { SteadyLoad } from './steady-load.js';

/** Every fact starts the plugin, and every other one renews what an earlier one led to. */
const PACE = { perSecond: 500, matching: 1, lineages: 2000 };
/** Services on the way of a fact. */
const ON_THE_WAY = ['ingest', 'matcher', 'plugin-runner', 'renderer'];
/** Deadlines for hangs. Milliseconds. */
const READY_AGAIN_MS = 300_000;
const ANSWER_MS = 30_000;
const SETTLED_MS = 300_000;
const TEST_MS = 1_200_000;

describe('500 facts a second, each matched and run', () => {
  let postgres: OwnPostgres;
  let site: Site;

  beforeAll(async () => {
    postgres = await OwnPostgres.start();
    site = await Site.start({ shape: 'services', env: { DATABASE_URL: postgres.server.url } });
    const executable = await site.addPlugin('seen-host', SEEN_HOST_SERVER);
    const retry = { maxAttempts: 50, backoff: '50ms', maxBackoff: '200ms' };
    await site.apply(
      manifest(
        plugin('seen-host', executable, { mode: 'persistent' }),
        subscription(SEEN_HOSTS, SEEN, 'seen-host', { retry }),
      ),
    );
  }, TEST_MS);

  afterAll(async () => {
    await site?.stop();
    await postgres?.stop();
  }, TEST_MS);

  async function pidOf(name: string): Promise<number | undefined> {
    const pid = await site.servicePid(name);
    return isAlive(pid) ? pid : undefined;
  }

  async function allReady(urls: readonly string[]): Promise<void> {
    for (const url of urls)
      await until(
        `${url} to be ready`,
        async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) })).ok,
        READY_AGAIN_MS,
      );
  }

  it(
    'F1 F4 F5 F20 lose and repeat nothing while everything on their way is killed in turn, and a rebuild finds the same',
    async () => {
      const urls = [...(await site.serviceUrls()).values()];
      const load = await SteadyLoad.start(site, seededRandom('full-rate'), PACE);
      try {
        for (const name of ON_THE_WAY) {
          await killAndReplace(name, () => pidOf(name), READY_AGAIN_MS);
          await allReady(urls);
        }
        await killAndReplace('nats-server', site.nats.pid, READY_AGAIN_MS);
        await allReady(urls);
        await killAndReplace('Postgres', postgres.server.pid, READY_AGAIN_MS);
        await allReady(urls);
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
