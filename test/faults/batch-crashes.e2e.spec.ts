import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { emit, type RouterDocument, runsOf } from '../e2e/site-activity.js';
import { BATCH_SEEN_HOSTS } from '../e2e/test-plugins.js';
import { KillableSite } from './killable-site.js';

const FACTS = 8;
const BAD = 6;
/** Deadlines for hangs. Milliseconds. */
const SETTLED_MS = 120_000;
const TEST_MS = 600_000;

describe('batches', () => {
  let killable: KillableSite;
  let executable: string;

  beforeAll(async () => {
    killable = await KillableSite.start();
    executable = await killable.site.addPlugin('seen-hosts', BATCH_SEEN_HOSTS);
  }, TEST_MS);

  afterAll(() => killable?.stop(), TEST_MS);

  it.each(['matcher', 'plugin-runner'])(
    'S10 S19 lose and hurry nothing when %s is killed in a window and while a batch is halved',
    async (victim) => {
      const { site } = killable;
      const file = join(site.stateDir, `${victim}.starts`);
      const starts = async (): Promise<string[]> =>
        (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
      await site.apply(
        manifest(
          plugin(victim, executable, { env: { STARTS: file, PAUSE: '500' } }),
          subscription(victim, `${victim}.seen`, victim, {
            trigger: { batchWindow: '15s' },
            retry: { maxAttempts: 2 },
          }),
        ),
      );
      const ids = Array.from({ length: FACTS }, (_, at) => `${victim}-${at + 1}`);
      const bad = `${victim}-${BAD}`;
      for (const id of ids)
        await emit(site, {
          id,
          type: `${victim}.seen`,
          subject: id,
          payload: { serial: '1', ...(id === bad && { is: 'bad' }) },
        });
      await killable.kill(killable.service(victim));
      expect(await starts()).toEqual([]);

      // the whole twice, then its first half
      await until('the halving', async () => (await starts()).length >= 3, SETTLED_MS);
      await killable.kill(killable.service(victim));

      const [alone] = await until(
        'the bad fact to fail alone',
        async () => {
          const failed = (await runsOf(site, victim)).filter(
            ({ state, facts }) => state === 'failed' && facts.length === 1,
          );
          return failed.length > 0 ? failed : undefined;
        },
        SETTLED_MS,
      );
      expect([alone!.facts[0]!.id, alone!.error]).toEqual([bad, expect.stringContaining(`${bad} is bad`)]);
      const good = ids.filter((id) => id !== bad);
      const applied = await until(
        'the others to be applied',
        async () => {
          const { spec } = await site.json<RouterDocument>('dynamic', 'render');
          const found = spec.resources
            .filter(({ kind, metadata }) => kind === 'SeenHost' && metadata.name.startsWith(`${victim}-`))
            .map(({ metadata }) => metadata.name)
            .sort();
          return found.length >= good.length ? found : undefined;
        },
        SETTLED_MS,
      );
      expect(applied).toEqual(good);
      expect((await starts())[0]).toBe(ids.join(','));
    },
    TEST_MS,
  );
});
