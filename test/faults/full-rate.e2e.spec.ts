import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Site, until } from '@signalbox/testing';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { FATAL_SEEN_HOST_SERVER } from '../e2e/test-plugins.js';
import { publishAll, renewals, SEEN } from './fact-load.js';
import { expectAppliedOnce, expectStoredOnce, isSettled } from './history-check.js';
import { KillableSite } from './killable-site.js';
import { PoisonLoad } from './poison-load.js';
import { seededRandom } from './seeded-random.js';
import { SEEN_HOSTS } from './seen-hosts.js';
import { SteadyLoad } from './steady-load.js';

/** Every fact starts the plugin, and every other one renews what an earlier one led to. */
const PACE = { perSecond: 500, matching: 1, lineages: 2000 };
/** Facts around each kill: three seconds of them. */
const PER_KILL = 1500;
/** Facts until a trap has closed, however long it takes to set it. */
const MOST_UNTIL_KILLED = 10 * PER_KILL;
/** Services on the way of a fact. */
const ON_THE_WAY = ['ingest', 'matcher', 'plugin-runner', 'renderer'];
/** Those that write tables for every fact, with one that nobody else writes. */
const WRITERS = { ingest: 'facts', renderer: 'runs' };
/** Deadlines for hangs. Milliseconds. */
const SETTLED_MS = 300_000;
const TEST_MS = 1_200_000;

describe('500 facts a second, each matched and run', () => {
  let killable: KillableSite;
  let site: Site;
  let victim: string;

  beforeAll(async () => {
    killable = await KillableSite.start();
    site = killable.site;
    victim = join(site.stateDir, 'victim');
    await writeFile(victim, '');
    const executable = await site.addPlugin('seen-host', FATAL_SEEN_HOST_SERVER);
    const retry = { maxAttempts: 50, backoff: '50ms', maxBackoff: '200ms' };
    await site.apply(
      manifest(
        plugin('seen-host', executable, { mode: 'persistent', env: { VICTIM: victim } }),
        subscription(SEEN_HOSTS, SEEN, 'seen-host', { retry }),
      ),
    );
  }, TEST_MS);

  afterAll(() => killable?.stop(), TEST_MS);

  it(
    'F1 F2 F3 F4 F5 F12 F20 lose and repeat nothing while everything on their way is killed in turn and poison comes, and a rebuild finds the same',
    async () => {
      const load = await SteadyLoad.start(site, seededRandom('full-rate'), PACE);
      const poison = await PoisonLoad.open(site);
      try {
        for (const name of ON_THE_WAY) {
          await load.atMost(PER_KILL);
          await Promise.all([killable.kill(killable.service(name)), poison.send()]);
        }
        // the next run that is answered is the end of its runner
        const dying = killable.kill(killable.service('plugin-runner'), (pid) =>
          writeFile(victim, String(pid)),
        );
        await Promise.all([dying, load.atMost(PER_KILL)]);
        await writeFile(victim, '');
        for (const [name, table] of Object.entries(WRITERS)) {
          load.allow(MOST_UNTIL_KILLED);
          await killable.killInCommit(name, table, () => load.allow(PER_KILL));
        }
        for (const server of killable.servers) {
          await load.atMost(PER_KILL);
          await Promise.all([killable.kill(server), poison.send()]);
        }
      } catch (error) {
        await load.abandon();
        throw error;
      } finally {
        await poison.close();
      }
      const sent = await load.stop();
      process.stderr.write(`full-rate: ${sent.length} facts\n`);

      await until('every lineage to be applied', () => isSettled(site, SEEN_HOSTS, sent), SETTLED_MS);
      const all = [...sent, ...renewals(sent)];
      await publishAll(site, all.slice(sent.length), () => undefined);
      await until('every lineage to be renewed', () => isSettled(site, SEEN_HOSTS, all), SETTLED_MS);
      await expectStoredOnce(site, all, poison.unreadable);
      await expectAppliedOnce(site, SEEN_HOSTS, all, poison.dead, poison.mayRepeat);
      expect(await site.differences()).toBe('');
    },
    TEST_MS,
  );
});
