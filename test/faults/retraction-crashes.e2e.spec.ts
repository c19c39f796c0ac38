import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { activePart, activeParts, emit, type PartItem, partsOf } from '../e2e/site-activity.js';
import { seenHost } from '../e2e/test-plugins.js';
import { KillableSite } from './killable-site.js';

/** About as long as a service needs to be back: what is due comes before that, or behind it. Milliseconds. */
const GRACE_MS = 4000;
/** Deadlines for hangs. Milliseconds. */
const SETTLED_MS = 120_000;
const TEST_MS = 600_000;
const VICTIMS: [who: string, victims: readonly string[]][] = [
  ['matcher', ['matcher']],
  ['renderer', ['renderer']],
  ['matcher, then renderer,', ['matcher', 'renderer']],
];

describe('retractions', () => {
  let killable: KillableSite;

  beforeAll(async () => {
    killable = await KillableSite.start();
    const { site } = killable;
    await site.apply(manifest(plugin('seen-host', await site.addPlugin('seen-host', seenHost()))));
  }, TEST_MS);

  afterAll(() => killable?.stop(), TEST_MS);

  /** Something of its own stands that a fact of type `<name>.gone` retracts. */
  async function given(name: string): Promise<PartItem> {
    const retract = { types: [`${name}.gone`], grace: `${GRACE_MS}ms` };
    await killable.site.apply(manifest(subscription(name, `${name}.seen`, 'seen-host', { retract })));
    await seen(name, 1);
    return activePart(killable.site, name, `${name}-1`);
  }

  async function seen(name: string, n: number): Promise<void> {
    const fact = { id: `${name}-${n}`, type: `${name}.seen`, subject: name, payload: { serial: '1' } };
    await emit(killable.site, fact);
  }

  /** Gives a time before which nothing may end. */
  async function gone(name: string, n = 2): Promise<number> {
    const sinceMs = Date.now();
    await emit(killable.site, { id: `${name}-${n}`, type: `${name}.gone`, subject: name });
    return sinceMs + GRACE_MS;
  }

  async function kill(...victims: readonly string[]): Promise<void> {
    for (const victim of victims) await killable.kill(killable.service(victim));
  }

  async function announced(name: string): Promise<void> {
    await until(
      `the withdrawal of ${name}`,
      async () => (await activeParts(killable.site, name)).some(({ withdrawAt }) => withdrawAt !== undefined),
      SETTLED_MS,
    );
  }

  function ended(name: string): Promise<PartItem> {
    return until(
      `the end of ${name}`,
      async () => (await partsOf(killable.site, name)).find(({ state }) => state === 'withdrawn'),
      SETTLED_MS,
    );
  }

  /** Something that was retracted after everything else has ended. */
  async function aLaterOneEnded(name: string): Promise<void> {
    await given(name);
    await gone(name);
    await ended(name);
  }

  it.each(VICTIMS)(
    'E16 end at their time, or at the start, when %s is killed just after the fact',
    async (_who, victims) => {
      const name = `at-${victims.join('-')}`;
      await given(name);
      const earliestMs = await gone(name);
      await kill(...victims);
      const part = await ended(name);
      expect(Date.parse(part.updatedAt)).toBeGreaterThanOrEqual(earliestMs);
      expect(part.reason).toBe(`fact ${name}-2 (${name}.gone) retracted it`);
    },
    TEST_MS,
  );

  it.each(VICTIMS)(
    'E16 end at their time, or at the start, when %s is killed within the grace',
    async (_who, victims) => {
      const name = `in-${victims.join('-')}`;
      await given(name);
      const earliestMs = await gone(name);
      await announced(name);
      await kill(...victims);
      expect(Date.parse((await ended(name)).updatedAt)).toBeGreaterThanOrEqual(earliestMs);
    },
    TEST_MS,
  );

  it(
    'E16 stay cancelled when matcher is killed after the fact that cancelled, and when it is down while that comes',
    async () => {
      for (const name of ['after', 'while']) {
        await given(name);
        await gone(name);
      }
      await seen('after', 3);
      await activePart(killable.site, 'after', 'after-3');
      const killed = kill('matcher');
      await seen('while', 3);
      await killed;
      await activePart(killable.site, 'while', 'while-3');
      await aLaterOneEnded('later');
      for (const name of ['after', 'while'])
        expect((await partsOf(killable.site, name)).map(({ state }) => state)).toEqual([
          'superseded',
          'active',
        ]);
    },
    TEST_MS,
  );
});
