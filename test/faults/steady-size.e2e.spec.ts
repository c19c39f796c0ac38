import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FEDERATION_API } from '@signalbox/contracts';
import { type Site, until } from '@signalbox/testing';
import pg from 'pg';
import { backend, frontend, webCheck } from '../e2e/balance-site.js';
import { manifest, plugin, resource, subscription } from '../e2e/manifests.js';
import { emit } from '../e2e/site-activity.js';
import { seenHostServer } from '../e2e/test-plugins.js';
import { GROUP, type LoadFact, SEEN } from './fact-load.js';
import { FlappingBackends } from './flapping-backends.js';
import { explainAll, type PartItem } from './history-check.js';
import { KillableSite } from './killable-site.js';
import { seededRandom } from './seeded-random.js';
import { type Sizes, SizeSamples } from './size-samples.js';
import { SteadyLoad } from './steady-load.js';

/** The long form, 300, is run by hand: SIGNALBOX_STEADY_SECONDS=300. It also compares sizes under load with each other. */
const SECONDS = Number(process.env['SIGNALBOX_STEADY_SECONDS'] ?? 45);
const LONG_SECONDS = 200;
/** Seconds for days: a third of the time is several of these. */
const KEPT = {
  SIGNALBOX_FACTS_MAX_AGE: '3s',
  SIGNALBOX_ACTIVITY_MAX_AGE: '3s',
  SIGNALBOX_PRUNE_EVERY: '500ms',
  SIGNALBOX_COMPACT_EVERY: '1s',
};
/** As much quicker as retention is, so that space of rows that went is used again. */
const VACUUMS = { autovacuum_naptime: '1s' };
/** Half of the facts are about new subjects, whose parts expire soon; the others renew a part of these. */
const PACE = { perSecond: 100, matching: 0.5, lineages: 50 };
const SHORT_TTL = '2s';
const BACKENDS = 50;
/** Dead letters that are kept. */
const DEAD_LETTERS = 20;
/** Facts of a peer that is away which are tried again and again: see DELIVERY_LIMITS. */
const TRIED = 32;
const SETTLED_MS = 300_000;
const TEST_MS = 1_800_000;

/** What people decided is kept: it grows with the changes that they make, and with nothing else. */
const DECIDED = [
  'JOURNAL',
  'AUDIT',
  'audit_entries',
  'revisions',
  'resource_versions',
  'backend_intents',
  'weight_overrides',
  'tokens',
];
/** Records of ACTIVITY that stay while nothing happens: what stands for others, and what peers are tried with. */
const STANDING = /^activity\.(snapshot|match|retention|compaction|delivery)(\.|$)/;

describe('the size of a busy site', () => {
  const random = seededRandom('steady-size');
  let killable: KillableSite;
  let site: Site;
  let flapping: FlappingBackends;
  let database: pg.Client;
  let sent: readonly LoadFact[];

  beforeAll(async () => {
    flapping = await FlappingBackends.start(random, BACKENDS);
    killable = await KillableSite.start(KEPT, VACUUMS);
    site = killable.site;
    database = new pg.Client({ connectionString: killable.databaseUrl });
    await database.connect();
    await keepDeadLetters();
    const secretFile = join(site.secretDir, 'peer.key');
    await writeFile(secretFile, 'secret');
    const [hosts, doors, failing] = await Promise.all([
      site.addPlugin('hosts', seenHostServer()),
      site.addPlugin('doors', seenHostServer(SHORT_TTL)),
      site.addPlugin('failing', '#!/bin/sh\nexit 42\n'),
    ]);
    const names = flapping.addresses.map((_, n) => `flapping-${n}`);
    await change(
      '/v1/apply',
      manifest(
        resource(FEDERATION_API, 'EventGroup', GROUP, {
          nodeName: 'test-node',
          auth: { mode: 'hmac', secretFile },
        }),
        resource(FEDERATION_API, 'EventPeer', 'away', {
          groupRef: GROUP,
          nodeName: 'cloud',
          endpoint: 'http://127.0.0.1:9',
        }),
        plugin('hosts', hosts, { mode: 'persistent' }),
        plugin('doors', doors, { mode: 'persistent' }),
        plugin('failing', failing),
        subscription('hosts', SEEN, 'hosts'),
        subscription('doors', 'door.opened', 'doors'),
        subscription('fails', 'lamp.failed', 'failing', { retry: { maxAttempts: 1 } }),
        subscription('waits', 'host.waits', 'not-declared'),
        webCheck(flapping.port, { interval: '500ms', rise: 1, fall: 1 }),
        ...flapping.addresses.map((address, n) => backend(names[n]!, address, { healthcheck: 'web' })),
        frontend('vip', { primary: Object.fromEntries(names.map((name) => [name, 100])) }),
      ),
    );
  }, TEST_MS);

  afterAll(async () => {
    await database?.end();
    await killable?.stop();
    await flapping?.stop();
  }, TEST_MS);

  /** The bound of DEAD is its operator's. */
  async function keepDeadLetters(): Promise<void> {
    const nats = await site.rawNats();
    const { config } = JSON.parse(await nats.request('$JS.API.STREAM.INFO.DEAD', '')) as { config: object };
    const bounded = { ...config, max_msgs: DEAD_LETTERS };
    const reply = await nats.request('$JS.API.STREAM.UPDATE.DEAD', JSON.stringify(bounded));
    expect(JSON.parse(reply)).toMatchObject({ config: { max_msgs: DEAD_LETTERS } });
    nats.close();
  }

  /** Also a busy machine applies; whoever follows later is waited for by what is looked at. */
  async function change(path: string, text: string): Promise<void> {
    const { status, body } = await site.rest('POST', path, text);
    if (status !== 200 && status !== 202)
      throw new Error(`apply answered ${status}: ${JSON.stringify(body)}`);
  }

  /** Rules that change, backends that come and go, runs that fail and that wait in vain. */
  async function changeNowAndThen(n: number): Promise<void> {
    await change('/v1/apply?set=passing', manifest(backend(`passing-${n}`, '10.0.0.1')));
    await change(
      '/v1/apply',
      manifest(subscription('changing', n % 2 === 0 ? 'lamp.lit' : 'lamp.failed', 'hosts')),
    );
    for (const type of ['lamp.lit', 'lamp.failed', 'host.waits'])
      await emit(site, { id: `${type}-${n}`, type, subject: `${type}-${n % 5}`, payload: { serial: '1' } });
  }

  async function tableRows(): Promise<Record<string, number>> {
    const names = ['facts', 'runs', 'parts', 'generations', 'pending_facts', 'deliveries', 'dead_letters'];
    names.push('backends', 'backend_transitions', 'backend_counters');
    const counts = names.map((name) => `(select count(*)::integer from ${name}) as ${name}`);
    return (await database.query<Record<string, number>>(`select ${counts.join(', ')}`)).rows[0]!;
  }

  async function activeParts(): Promise<PartItem[]> {
    return site.all<PartItem>('/v1/parts?state=active');
  }

  /** Subjects of ACTIVITY with records that do not stand for others. */
  async function passingSubjects(): Promise<string[]> {
    const nats = await site.rawNats();
    const reply = await nats.request('$JS.API.STREAM.INFO.ACTIVITY', '{"subjects_filter":">"}');
    nats.close();
    const { state } = JSON.parse(reply) as { state: { subjects?: Record<string, number> } };
    return Object.keys(state.subjects ?? {}).filter((subject) => !STANDING.test(subject));
  }

  it(
    'is steady under load',
    async () => {
      const load = await SteadyLoad.start(site, random, PACE);
      const samples = await SizeSamples.start(site, killable.databaseUrl);
      const endMs = Date.now() + SECONDS * 1000;
      try {
        for (let n = 0; Date.now() < endMs; n += 1) {
          const changed = changeNowAndThen(n);
          const enough = samples.all.length;
          await changed;
          await until('another look at the sizes', () => samples.all.length > enough);
        }
      } catch (error) {
        await load.abandon();
        throw error;
      } finally {
        await samples.stop();
        process.stderr.write(samples.table());
      }
      sent = await load.stop();

      // while so much came, what went is at some moment most of it
      const last = samples.third(3);
      for (const table of ['facts', 'runs', 'parts'])
        expect({ table, least: Math.min(...samples.of(`${table} rows`, last)) < sent.length / 3 }).toEqual({
          table,
          least: true,
        });
      if (SECONDS >= LONG_SECONDS) expect(growing(samples)).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'is that of what lives when the load has ended',
    async () => {
      flapping.calm();
      const wanted = async (): Promise<boolean> => {
        const rows = await tableRows();
        const live = (await activeParts()).length;
        const { backends = 0 } = rows;
        expect(rows).toEqual({
          facts: 0,
          runs: live,
          parts: live,
          generations: 1,
          pending_facts: 0,
          deliveries: Math.min(rows['deliveries'] ?? 0, TRIED),
          dead_letters: DEAD_LETTERS,
          backends: BACKENDS + 1,
          backend_transitions: backends,
          backend_counters: Math.min(rows['backend_counters'] ?? 0, backends),
        });
        expect(await passingSubjects()).toEqual([]);
        return true;
      };
      await until('everything that is over to be gone', wanted, SETTLED_MS);
      expect((await activeParts()).length).toBeGreaterThanOrEqual(PACE.lineages);
    },
    TEST_MS,
  );

  it(
    'is right after every service was restarted: tables, and explanations of what lives and of what is gone',
    async () => {
      await site.shutDown();
      await site.up();
      expect(await site.differences()).toBe('');
      const rebuilt = await site.cli('projections', 'rebuild');
      expect({ code: rebuilt.code, stderr: rebuilt.stderr }).toEqual({ code: 0, stderr: '' });

      const standing = new Set((await activeParts()).flatMap(({ facts }) => facts.map(({ id }) => id)));
      const explained = await explainAll(
        site,
        sent.filter(({ id }) => standing.has(id)),
      );
      expect(explained.length).toBeGreaterThan(0);
      expect(explained.filter(({ verdict }) => !verdict.includes('was accepted'))).toEqual([]);

      const gone = await site.cli('event', 'explain', sent.find(({ id }) => !standing.has(id))!.id);
      expect(gone.code).toBe(4);
      expect(gone.stderr).toMatch(/no longer kept, pruned at 2\S+ by maxAge/);
    },
    TEST_MS,
  );
});

/** Growth from the middle third to the last one that is let go: a share, and so much. Bytes of a stream or a table, rows. */
const LET_GO = { share: 1.25, bytes: 512 * 1024, rss: 64 * 1024 * 1024, count: 300 } as const;

/** What is larger in the last third than in the middle one, but for what people decided. */
function growing(samples: SizeSamples): string[] {
  const most = (name: string, third: Sizes[]): number => Math.max(...samples.of(name, third));
  return samples.names
    .filter((name) => !DECIDED.includes(name.split(' ')[0]!))
    .flatMap((name) => {
      const [middle, last] = [most(name, samples.third(2)), most(name, samples.third(3))];
      const small = name.endsWith(' rss')
        ? LET_GO.rss
        : name.endsWith(' bytes')
          ? LET_GO.bytes
          : LET_GO.count;
      return last > middle * LET_GO.share + small ? [`${name}: ${middle}, then ${last}`] : [];
    });
}
