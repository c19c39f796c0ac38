import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Site, until } from '@signalbox/testing';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { SEEN_HOST_SERVER } from '../e2e/test-plugins.js';
import { publishAll, renewals, SEEN } from './fact-load.js';
import { activeParts, explainAll, isSettled } from './history-check.js';
import { KillableSite } from './killable-site.js';
import { seededRandom } from './seeded-random.js';
import { SEEN_HOSTS } from './seen-hosts.js';
import { SteadyLoad } from './steady-load.js';

/** So that something is over all the time. */
const PACE = { perSecond: 40, matching: 1, lineages: 50 };
/** Facts around each kill. */
const PER_KILL = 60;
/** The long profile, 50, is run by hand: SIGNALBOX_KILLS=50. */
const KILLS = Number(process.env['SIGNALBOX_KILLS'] ?? 8);
/** A kill comes so long after the compaction was asked for. Milliseconds. */
const LATEST_MS = 400;
/** Whose end may come between a snapshot and what follows from it. */
const VICTIMS = ['api', 'renderer', 'matcher', 'federation', 'health', 'balancer', 'ingest'];
const SETTLED_MS = 300_000;
const TEST_MS = 2_400_000;

describe('kills while records are snapshotted and purged', () => {
  let killable: KillableSite;
  let site: Site;

  beforeAll(async () => {
    killable = await KillableSite.start({ SIGNALBOX_ACTIVITY_MAX_AGE: '1s', SIGNALBOX_PRUNE_EVERY: '500ms' });
    site = killable.site;
    const executable = await site.addPlugin('seen-host', SEEN_HOST_SERVER);
    await site.apply(
      manifest(
        plugin('seen-host', executable, { mode: 'persistent' }),
        subscription(SEEN_HOSTS, SEEN, 'seen-host', {
          retry: { maxAttempts: 50, backoff: '50ms', maxBackoff: '200ms' },
        }),
      ),
    );
  }, TEST_MS);

  afterAll(() => killable?.stop(), TEST_MS);

  it(
    'lose nothing that lives, and purge nothing before its snapshot is there',
    async () => {
      const random = seededRandom('compaction-kills');
      const load = await SteadyLoad.start(site, random, PACE);
      try {
        for (let at = 0; at < KILLS; at += 1) {
          await load.atMost(PER_KILL);
          const asked = site.rest('POST', '/v1/compactions').catch(() => undefined);
          await new Promise((resolve) => setTimeout(resolve, random.between(0, LATEST_MS)));
          const victim = random.between(0, VICTIMS.length + killable.servers.length - 1);
          await killable.kill(
            killable.servers[victim - VICTIMS.length] ?? killable.service(VICTIMS[victim]!),
          );
          await asked;
        }
      } catch (error) {
        await load.abandon();
        throw error;
      }
      const sent = await load.stop();
      await until('every lineage to be applied', () => isSettled(site, SEEN_HOSTS, sent), SETTLED_MS);
      const all = [...sent, ...renewals(sent)];
      await publishAll(site, all.slice(sent.length), () => undefined);
      await until('every lineage to be renewed', () => isSettled(site, SEEN_HOSTS, all), SETTLED_MS);

      const compacted = await until('a compaction', async () => {
        const { status, body } = await site.rest<{ upTo: number }>('POST', '/v1/compactions');
        return status === 200 && body;
      });
      expect(compacted.upTo).toBeGreaterThan(0);
      const standing = new Set(
        (await activeParts(site, SEEN_HOSTS)).flatMap(({ facts }) => facts.map(({ id }) => id)),
      );
      const explained = await explainAll(
        site,
        all.filter(({ id }) => standing.has(id)),
      );
      expect(explained.filter(({ verdict }) => !verdict.includes('was accepted'))).toEqual([]);
      expect(await site.differences()).toBe('');
    },
    TEST_MS,
  );
});
