import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '@signalbox/embedded';
import { Site, until } from '@signalbox/testing';
import pg from 'pg';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { emit } from '../e2e/site-activity.js';
import { seenHost, WAITING } from '../e2e/test-plugins.js';
import { publishAll, renewals } from './fact-load.js';
import { expectAppliedOnce, expectStoredOnce, isSettled, type PartItem } from './history-check.js';
import { killAndReplace } from './kill.js';
import { OwnPostgres } from './own-postgres.js';
import { seededRandom, type SeededRandom } from './seeded-random.js';
import { SEEN_HOSTS, subscribeSeenHosts } from './seen-hosts.js';
import { ServiceLogs } from './service-logs.js';
import { SteadyLoad } from './steady-load.js';

const PACE = { perSecond: 200, matching: 0.05, lineages: 100 };
/**
 * Deadlines for hangs: how long the test waits until a site is ready again by itself (what it really took is printed), and
 * for one answer of a service. Milliseconds.
 */
const READY_AGAIN_MS = 300_000;
const ANSWER_MS = 30_000;
const SETTLED_MS = 300_000;
const TEST_MS = 1_500_000;

/** What every service says about one outage of each server; of a crash of another service it says nothing. */
const OUTAGES = [
  'lost the connection to NATS, reconnecting',
  'connected to NATS again',
  'lost the connection to Postgres, reconnecting',
  'connected to Postgres again',
];

/** One thing that can be killed. */
interface Victim {
  readonly name: string;
  /** Undefined while it is down. */
  pidNow(): Promise<number | undefined> | number | undefined;
}

describe('a site of one process per service', () => {
  let postgres: OwnPostgres;
  let site: Site;

  beforeAll(async () => {
    postgres = await OwnPostgres.start();
    site = await Site.start({ shape: 'services', env: { DATABASE_URL: postgres.server.url } });
  }, TEST_MS);

  afterAll(async () => {
    await site?.stop();
    await postgres?.stop();
  }, TEST_MS);

  async function query<Row extends object>(statement: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: postgres.server.url });
    await client.connect();
    try {
      return (await client.query<Row>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  function service(name: string): Victim {
    const pidNow = async (): Promise<number | undefined> => {
      const pid = await site.servicePid(name);
      return isAlive(pid) ? pid : undefined;
    };
    return { name, pidNow };
  }

  /** Kills it and waits until every service is ready; says how long that took. */
  async function kill({ name, pidNow }: Victim, urls: readonly string[]): Promise<void> {
    const since = performance.now();
    const left = (): number => Math.max(0, READY_AGAIN_MS - (performance.now() - since));
    await killAndReplace(name, pidNow, left());
    // one after the other: on a busy machine all of them seldom answer quickly at the same time
    for (const url of urls)
      await until(`${url} to be ready after ${name} was killed`, () => isReady(url), left());
    const tookMs = Math.round(performance.now() - since);
    process.stderr.write(`services-crash: all ready ${tookMs} ms after ${name} was killed\n`);
  }

  /** Kills everything once while facts are sent, and checks the history. */
  async function sendThroughCrashes(
    random: SeededRandom,
    services: ReadonlyMap<string, string>,
  ): Promise<void> {
    const urls = [...services.values()];
    const load = await SteadyLoad.start(site, random, PACE);
    try {
      for (const name of shuffled(random, [...services.keys()])) await kill(service(name), urls);
      await kill({ name: 'nats-server', pidNow: site.nats.pid }, urls);
      await kill({ name: 'Postgres', pidNow: postgres.server.pid }, urls);
    } catch (error) {
      await load.abandon();
      throw error;
    }
    const sent = await load.stop();

    await until('every lineage to be applied', () => isSettled(site, SEEN_HOSTS, sent), SETTLED_MS);
    const all = [...sent, ...renewals(sent)];
    await publishAll(site, all.slice(sent.length), () => undefined);
    await until('every lineage to be renewed', () => isSettled(site, SEEN_HOSTS, all), SETTLED_MS);
    await expectStoredOnce(site, all);
    await expectAppliedOnce(site, SEEN_HOSTS, all);
  }

  it(
    'F20 loses and repeats nothing while every process of it is killed in turn, and says once what happened',
    async () => {
      const random = seededRandom('services-crash');
      const services = await site.serviceUrls();
      expect(services.size).toBe(8);
      await subscribeSeenHosts(site);
      const logs = await ServiceLogs.begin(site);

      try {
        await sendThroughCrashes(random, services);
        const once = Object.fromEntries([...services.keys()].map((name) => [name, OUTAGES]));
        expect(await logs.troubles()).toEqual(once);
      } catch (error) {
        process.stderr.write(`their supervisor said:\n${site.log}\nthe services said:\n${await logs.show()}`);
        throw error;
      }
    },
    TEST_MS,
  );

  it(
    'ends what a run leads to that a newer fact overtook, also when the matcher was killed in between',
    async () => {
      const urls = [...(await site.serviceUrls()).values()];
      const starts = join(site.stateDir, 'overtaken-starts');
      const gate = join(site.stateDir, 'overtaken-gate');
      const type = 'overtaken.seen';
      const executable = await site.addPlugin('overtaken', seenHost({ first: WAITING }));
      await site.apply(
        manifest(
          plugin('overtaken', executable, { env: { STARTS: starts, GATE: gate } }),
          subscription('overtaken', type, 'overtaken', { match: { payload: { serial: '1' } } }),
        ),
      );
      const seen = { type, subject: 'overtaken-host' };
      await emit(site, { id: 'overtaken-1', ...seen, payload: { serial: '1' } });
      await until('the plugin to be at work', () => existsSync(starts));
      await emit(site, { id: 'overtaken-2', ...seen, payload: { serial: '2' } });
      // once it is matched and written down, only the process knew of it before
      await until('the newer fact to be matched', async () => {
        const [row] = await query<{ isMatched: boolean }>(
          `select exists (select 1 from positions p, facts f where f.id = 'overtaken-2' and p.projection = 'matches'
             and p.stream = 'FACTS_default' and p.seq >= f.seq) as "isMatched"`,
        );
        return row?.isMatched;
      });
      await kill(service('matcher'), urls);
      await writeFile(gate, '');
      await until('the part to end', async () => {
        const parts = await site.all<PartItem>('/v1/parts?owner=EventSubscription/overtaken');
        return parts.length === 1 && parts[0]?.state === 'withdrawn';
      });
    },
    TEST_MS,
  );
});

async function isReady(url: string): Promise<boolean> {
  return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) })).ok;
}

function shuffled<T>(random: SeededRandom, all: readonly T[]): T[] {
  return all
    .map((one) => ({ one, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}
