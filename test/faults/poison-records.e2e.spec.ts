import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RawNats, Site, until } from '@signalbox/testing';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { runsOf } from '../e2e/site-activity.js';
import { seenHost } from '../e2e/test-plugins.js';
import { activeParts } from './history-check.js';

/** Where services read records that others wrote; with one of each the site must go on, also after a restart. */
const SUBJECTS = [
  'journal.resources',
  'journal.token',
  'journal.backend.web',
  'journal.frontend.vip',
  'activity.run.plan',
  'activity.run.withdrawal',
  'activity.run.execution',
  'activity.config.other',
  'activity.config.traffic',
  'activity.backend.web',
  'activity.frontend.vip',
  'activity.match.default',
  'activity.retention.default',
  'activity.compaction',
  'activity.delivery.default.cloud',
  'facts.default.own.1.seen',
] as const;
const BODIES = ['', 'not JSON', '{"stream":"INTAKE","seq":1}'];
const TEST_MS = 300_000;

describe('records that cannot be read', () => {
  let site: Site;
  let nats: RawNats;

  beforeAll(async () => {
    site = await Site.start();
    nats = await site.rawNats();
  }, TEST_MS);

  afterAll(async () => {
    nats.close();
    await site.stop();
  }, TEST_MS);

  async function seen(host: string): Promise<void> {
    const fact = { id: `seen-${host}`, type: 'host.seen', subject: host, payload: { serial: host } };
    expect((await site.rest('POST', '/v1/groups/default/events', fact)).status).toBe(202);
    await until(`the part of ${host}`, async () =>
      (await activeParts(site, 'seen')).some(({ facts }) => facts.some(({ subject }) => subject === host)),
    );
  }

  it(
    'F12 block nothing that stands behind them, and no start',
    async () => {
      const executable = await site.addPlugin('seen-host', seenHost());
      await site.apply(manifest(plugin('seen-host', executable)));
      for (const subject of SUBJECTS) for (const body of BODIES) await nats.publish(subject, body);

      await site.apply(manifest(subscription('seen', 'host.seen', 'seen-host')));
      await seen('one');
      expect((await fetch(`${site.url}/readyz`)).status).toBe(200);

      await site.kill();
      await site.up();
      await site.apply(manifest(subscription('other', 'host.other', 'seen-host')));
      await seen('two');
      expect((await fetch(`${site.url}/readyz`)).status).toBe(200);
      expect(await site.differences()).toBe('');
    },
    TEST_MS,
  );

  it(
    'F12 are one dead letter each, however many services and restarts pass over them',
    async () => {
      const letters = (): Promise<{ subject: string }[]> => site.all('/v1/dead-letters?code=poison-message');
      const wanted = SUBJECTS.length * BODIES.length;
      await until('a letter for each', async () => (await letters()).length >= wanted);
      const counts = new Map<string, number>();
      for (const { subject } of await letters()) counts.set(subject, (counts.get(subject) ?? 0) + 1);
      expect(counts).toEqual(new Map(SUBJECTS.map((subject) => [subject, BODIES.length])));
    },
    TEST_MS,
  );

  it(
    'F12 a switch that cannot be read makes no run again, and blocks no lineage',
    async () => {
      await seen('three');
      await nats.publish('activity.match.default', 'not JSON');
      await site.shutDown();
      await site.up();
      const newer = { id: 'seen-three-again', type: 'host.seen', subject: 'three', payload: { serial: '2' } };
      expect((await site.rest('POST', '/v1/groups/default/events', newer)).status).toBe(202);
      await until('the renewal', async () =>
        (await activeParts(site, 'seen')).some(({ facts }) => facts.some(({ id }) => id === newer.id)),
      );
      const executions = (await runsOf(site, 'seen')).map((run) => run.executions.length);
      expect(executions.filter((count) => count !== 1)).toEqual([]);
    },
    TEST_MS,
  );
});
