import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Resource } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import pg from 'pg';
import {
  backend,
  becomes,
  command,
  findBackend,
  frontend,
  historyOf,
  transitionsOf,
  webCheck,
  weighs,
  weightsOf,
} from '../e2e/balance-site.js';
import { manifest } from '../e2e/manifests.js';
import type { RouterDocument } from '../e2e/site-activity.js';
import { WebServers } from '../e2e/web-servers.js';
import type { LoadFact } from './fact-load.js';
import { expectAppliedOnce, expectStoredOnce, isSettled } from './history-check.js';
import { type Readings, ReadProber } from './read-prober.js';
import { releasedStandalone } from './released-build.js';
import { SEEN_HOSTS, subscribeSeenHosts } from './seen-hosts.js';
import { seededRandom } from './seeded-random.js';
import { SteadyLoad } from './steady-load.js';

jest.setTimeout(900_000);

const FROM = '0.1.0';
const PACE = { perSecond: 20, matching: 0.2, lineages: 20 };
/** Facts sent before the upgrade, and after it. */
const FACTS = 120;
/** Reads that are answered before the upgrade, and after it. */
const READS = 20;
const SETTLED_MS = 300_000;
const ADDRESSES = ['127.20.61.1', '127.20.61.2', '127.20.61.3'];
const [A, B, C] = ['a', 'b', 'c'] as const;
/** `b` was taken out by an operator of the old version. */
const WEIGHTS = { [A]: 100, [B]: 0, [C]: 50 };
/** Of a check that a busy machine does not fail: a server that is there shall stay so. */
const PATIENT = { interval: '300ms', timeout: '20s', fall: 3 };

const old = await releasedStandalone(FROM);

if (old === undefined) it(`there is no ${FROM} here to upgrade from`, () => expect(old).toBeUndefined());
else
  describe(`F20 an upgrade from ${FROM} under a prober`, () => {
    let servers: WebServers;
    let site: Site;
    let facts: readonly LoadFact[];
    let readings: Readings;
    let before: readonly Resource[];
    let after: readonly Resource[];
    let probesMeanwhile: number;
    const random = seededRandom('F20');

    beforeAll(async () => {
      servers = await WebServers.start(...ADDRESSES);
      site = await Site.start({ main: old });
      await subscribeSeenHosts(site);
      const world = [
        webCheck(servers.port, PATIENT),
        ...[A, B, C].map((name, at) => backend(name, ADDRESSES[at]!, { healthcheck: 'web' })),
        frontend('shop', { main: { [A]: 100, [B]: 100, [C]: 50 } }),
      ];
      await site.apply(manifest(...world));
      for (const name of [A, B, C]) await becomes(site, name, 'up');
      await command(site, B, 'disable', 'before the upgrade');
      await weighs(site, 'shop', WEIGHTS);

      const prober = new ReadProber(site);
      const load = await SteadyLoad.start(site, random, PACE);
      await load.atMost(FACTS);
      await until('reads before the upgrade', () => prober.count >= READS);
      before = await declared();
      const probes = requests();

      await site.upgrade();

      probesMeanwhile = requests() - probes;
      await load.atMost(FACTS);
      facts = await load.stop();
      const answered = prober.count;
      await until('reads after the upgrade', () => prober.count >= answered + READS);
      await until('every lineage to be applied', () => isSettled(site, SEEN_HOSTS, facts), SETTLED_MS);
      after = await declared();
      readings = await prober.stop();
      process.stderr.write(`F20: longest time without an answer ${readings.longestGapMs} ms\n`);
    });

    afterAll(async () => {
      await site?.stop();
      await servers?.stop();
    });

    function requests(): number {
      return ADDRESSES.reduce((sum, address) => sum + servers.at(address).requests, 0);
    }

    /** The effective config but for what facts bring, which goes on. */
    async function declared(): Promise<readonly Resource[]> {
      const { status, body } = await site.rest<RouterDocument>('GET', '/v1/effective-config');
      expect(status).toBe(200);
      return body.spec.resources.filter(({ kind }) => kind !== 'SeenHost');
    }

    it('loses no fact that was answered, and applies each once', async () => {
      expect(facts.length).toBeGreaterThan(FACTS);
      await expectStoredOnce(site, facts);
      await expectAppliedOnce(site, SEEN_HOSTS, facts);
    });

    it('answers reads with what was there, never with less, by the same token', () => {
      expect(readings).toMatchObject({ wrong: [], backwards: [] });
      expect(readings.answers).toBeGreaterThanOrEqual(2 * READS);
      expect(after).toEqual(before);
    });

    it('probes on: no backend changes its state, and no weight changes', async () => {
      expect(probesMeanwhile).toBeGreaterThan(0);
      for (const name of [A, C])
        expect(historyOf(await transitionsOf(site, name))).toEqual([
          'new -> unknown started',
          'unknown -> up L7OK',
        ]);
      expect(await weightsOf(site, 'shop')).toEqual(WEIGHTS);
    });

    it('keeps what operators said, and lets them go on', async () => {
      expect(await findBackend(site, B)).toMatchObject({ state: 'disabled' });
      expect(historyOf(await transitionsOf(site, B)).at(-1)).toMatch(/^up -> disabled/);
      await command(site, B, 'enable');
      await weighs(site, 'shop', { ...WEIGHTS, [B]: 100 });
    });

    it('has every table as its streams say', async () => {
      expect(await site.differences()).toBe('');
    });

    it('refuses to start on what a version after it has written, and changes nothing', async () => {
      const client = new pg.Client({ connectionString: site.database.url });
      await client.connect();
      try {
        await site.shutDown();
        await client.query("insert into migrations (timestamp, name) values (9999999999999, 'Later999')");
        await expect(site.up()).rejects.toThrow();
        expect(site.log).toContain('the database is of a newer Signalbox (Later999)');
        await client.query("delete from migrations where name = 'Later999'");
        await site.up();
        await expectStoredOnce(site, facts);
      } finally {
        await client.end();
      }
    });
  });
