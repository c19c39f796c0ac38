import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type Alarm,
  FEDERATION_API,
  SINK_API,
  STORED,
  type StoredKind,
  storedThing,
} from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import type { StorageAnswer, StorageItem } from '../../apps/cli/src/rest/answers.js';
import type { SinkItem } from '../../apps/cli/src/rest/answers.js';
import { manifest, resource } from './manifests.js';
import { emit } from './site-activity.js';

jest.setTimeout(300_000);

const FACTS_BYTES = 256 * 1024;
const PAYLOAD_BYTES = 8 * 1024;
/** Of a site that has a Postgres of its own, has fetched programs or is given some for sinks, and of a plugin at work. */
const NOT_IN_A_BOX = ['sink-commands/', 'pg/', 'pg.place', 'postgres.log*', 'cache/', 'signalbox-plugin-*'];

describe('what a site keeps, and how much', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.start({
      shape: 'services',
      env: {
        SIGNALBOX_STORAGE_SAMPLE_EVERY: '100ms',
        SIGNALBOX_PRUNE_EVERY: '24h',
        SIGNALBOX_FACTS_MAX_BYTES: String(FACTS_BYTES),
        SIGNALBOX_FACTS_MAX_EVENTS: '100',
        SIGNALBOX_INTAKE_MAX_BYTES: String(1024 * 1024),
        SIGNALBOX_DEAD_MAX_BYTES: String(2 * 1024 * 1024),
        SIGNALBOX_JOURNAL_WARN_BYTES: '1000000',
        SIGNALBOX_ACTIVITY_WARN_BYTES: 'unlimited',
      },
    });
    const sink = (name: string, target: object): ReturnType<typeof resource> =>
      resource(SINK_API, 'ConfigSink', name, { minWait: '0s', ...target });
    await site.apply(
      manifest(
        group('full'),
        group('counted', { maxEvents: 20 }),
        sink('file', { file: { path: join(site.stateDir, 'sinks', 'all.yaml') } }),
        sink('bucket', { natsKv: { bucket: 'all' } }),
      ),
    );
    await until('both sinks to be applied', async () => {
      const sinks = await site.all<SinkItem>('/v1/sinks');
      return sinks.length === 2 && sinks.every(({ state }) => state === 'applied');
    });
  }, 300_000);

  afterAll(() => site?.stop(), 300_000);

  function group(name: string, retention?: object): ReturnType<typeof resource> {
    return resource(FEDERATION_API, 'EventGroup', name, {
      nodeName: 'edge',
      ...(retention && { retention }),
    });
  }

  async function storage(): Promise<StorageAnswer> {
    return (await site.rest<StorageAnswer>('GET', '/v1/storage')).body;
  }

  async function item(kind: string, name: string): Promise<StorageItem> {
    const { items } = await storage();
    const found = items.find((one) => one.kind === kind && one.name === name);
    if (!found) throw new Error(`there is no ${kind} ${name}`);
    return found;
  }

  /** A metric of the api about a thing; undefined when it has none. */
  async function metric(name: string, kind: string, thing: string): Promise<number | undefined> {
    const series = new RegExp(
      `^signalbox_storage_${name}\\{kind="${kind}",name="${thing}",.*\\} (\\S+)$`,
      'm',
    );
    const value = series.exec(await site.metrics())?.[1];
    return value === undefined ? undefined : Number(value);
  }

  /** Sends facts of one size until one is refused, at most so many; says how many were accepted. */
  async function fill(name: string, most = 1000): Promise<number> {
    for (let count = 0; count < most; count += 1) {
      const { status, body } = await site.rest<{ code?: string }>('POST', `/v1/groups/${name}/events`, {
        type: 'storage.fill',
        subject: `${name}-${count}-${Date.now()}`,
        payload: { text: 'x'.repeat(PAYLOAD_BYTES) },
      });
      if (status < 300) continue;
      expect([status, body.code]).toEqual([507, 'storage-full']);
      return count;
    }
    return most;
  }

  it('every stream, table, cache and queue there is stands in the list, and all of the list is there', async () => {
    const { items } = await until('everybody to answer', async () => {
      const answer = await storage();
      return answer.away.length === 0 && answer;
    });
    const listed = STORED.filter(({ kind, isMeasured = true }) => kind !== 'file' && isMeasured);
    const things = items.map(({ kind, name }) => storedThing(kind as StoredKind, name));
    expect(items.filter((_one, index) => things[index] === undefined)).toEqual([]);
    expect(listed.filter((thing) => !things.includes(thing)).map(({ name }) => name)).toEqual([]);
    expect(items.filter(({ used }) => used === undefined)).toEqual([]);
  });

  it('every file of the state directory stands in the list, and all of the list is there', async () => {
    const entries = await readdir(site.stateDir, { withFileTypes: true });
    const names = entries.map((entry) => `${entry.name}${entry.isDirectory() ? '/' : ''}`);
    const found = names.map((name) => storedThing('file', name)?.name);
    expect(names.filter((_name, index) => found[index] === undefined)).toEqual([]);
    const files = STORED.filter(({ kind }) => kind === 'file').map(({ name }) => name);
    expect(files.filter((name) => !found.includes(name) && !NOT_IN_A_BOX.includes(name))).toEqual([]);
  });

  it('bounds are those of the environment', async () => {
    expect((await item('stream', 'INTAKE')).bound).toBe(1024 * 1024);
    expect((await item('stream', 'DEAD')).bound).toBe(2 * 1024 * 1024);
    expect((await item('stream', 'JOURNAL')).bound).toBe(1_000_000);
    expect(await item('stream', 'ACTIVITY')).not.toHaveProperty('bound');
  });

  it('a stream that fills is told, with its share, its growth and until when, before it refuses', async () => {
    await fill('full', 10);
    const filling = await until('a forecast', async () => {
      await emit(
        site,
        { id: `small-${Date.now()}`, type: 'storage.small', subject: `${Date.now()}` },
        'full',
      );
      const one = await item('stream', 'FACTS_full');
      return one.outlook === 'filling' && one;
    });
    expect(filling).toMatchObject({ unit: 'bytes', bound: FACTS_BYTES, whenFull: 'refuses' });
    expect(filling.growthPerHour).toBeGreaterThan(0);
    expect(filling.fullInSeconds).toBeGreaterThan(0);
    expect(filling.usedPercent).toBeCloseTo((100 * filling.used!) / FACTS_BYTES, 0);
    expect(await metric('full_seconds', 'stream', 'FACTS_full')).toBeGreaterThan(0);

    await fill('full');
    const full = await item('stream', 'FACTS_full');
    expect(full.usedPercent).toBeGreaterThan(90);
    expect(await metric('used', 'stream', 'FACTS_full')).toBe(full.used);
    expect(await metric('bound', 'stream', 'FACTS_full')).toBe(FACTS_BYTES);
    expect(await metric('records', 'stream', 'FACTS_full')).toBe(full.count);
    const alarm = await until('the alarm', async () => {
      const alarms = await site.json<Alarm[]>('show', 'alarms');
      return alarms.find(({ kind }) => kind === 'storage-nearly-full');
    });
    expect(alarm).toMatchObject({ name: 'FACTS_full', text: expect.stringContaining('are refused') });
    const { stdout } = await site.cli('status', '--storage');
    const line = stdout.split('\n').find((one) => one.includes('FACTS_full'));
    expect(line).toMatch(
      new RegExp(`^stream +FACTS_full +\\S+ KiB +256 KiB +${full.usedPercent} .*refuses$`),
    );
  });

  it('a table is told with the share of its rows, of what all groups may have', async () => {
    // 100 of the groups default and full each, and 20
    expect((await item('table', 'facts')).bound).toBe(220);
    for (let count = 0; count < 15; count += 1)
      await emit(site, { id: `counted-${count}`, type: 'storage.count', subject: `s${count}` }, 'counted');
    const streams = await Promise.all(
      ['FACTS_counted', 'FACTS_full', 'FACTS_default'].map((name) => item('stream', name)),
    );
    const stored = streams.reduce((sum, { count = 0 }) => sum + count, 0);
    const facts = await until('the rows to be seen', async () => {
      const one = await item('table', 'facts');
      return one.used === stored && one;
    });
    expect(facts).toMatchObject({ unit: 'rows', whenFull: 'prunes', count: stored });
    expect(facts.usedPercent).toBeCloseTo((100 * stored) / 220, 0);
    expect(facts.bytes).toBeGreaterThan(8192);
    expect(await metric('used', 'table', 'facts')).toBe(stored);
  });

  it('a service that does not answer is named, and what the others keep is told', async () => {
    const pid = await site.servicePid('matcher');
    process.kill(pid, 'SIGSTOP');
    try {
      const { items } = await until('matcher to be missed', async () => {
        const answer = await storage();
        return answer.away.join() === 'matcher' && answer;
      });
      const silent = items.filter(({ used }) => used === undefined).map(({ name }) => name);
      const own = STORED.filter(
        ({ kind, owner, isMeasured = true }) => owner === 'matcher' && kind !== 'table' && isMeasured,
      );
      expect(silent).toEqual(own.map(({ name }) => name));
      const { code, stderr } = await site.cli('status', '--storage');
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringContaining('matcher did not answer'),
      });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await until('all to answer again', async () => (await storage()).away.length === 0);
  });
});
