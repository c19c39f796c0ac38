import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SERVICES } from '@signalbox/contracts';
import { type Site, until } from '@signalbox/testing';
import pg from 'pg';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { emit } from '../e2e/site-activity.js';
import { seenHost, WAITING } from '../e2e/test-plugins.js';
import { publishAll, renewals } from './fact-load.js';
import { expectAppliedOnce, expectStoredOnce, isSettled, type PartItem } from './history-check.js';
import { KillableSite, type Victim } from './killable-site.js';
import { seededRandom, type SeededRandom } from './seeded-random.js';
import { SEEN_HOSTS, subscribeSeenHosts } from './seen-hosts.js';
import { ServiceLogs } from './service-logs.js';
import { SteadyLoad } from './steady-load.js';

const PACE = { perSecond: 100, matching: 0.1, lineages: 100 };
/** Deadlines for hangs. Milliseconds. */
const SETTLED_MS = 300_000;
const TEST_MS = 1_500_000;

/** What every service says about one outage of each server; of a crash of another service it says nothing. */
const OUTAGES = [
  'lost the connection to NATS, reconnecting',
  'connected to NATS again',
  'lost the connection to Postgres, reconnecting',
  'connected to Postgres again',
];

describe('a site of one process per service', () => {
  let killable: KillableSite;
  let site: Site;

  beforeAll(async () => {
    killable = await KillableSite.start();
    site = killable.site;
  }, TEST_MS);

  afterAll(() => killable?.stop(), TEST_MS);

  async function query<Row extends object>(statement: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: killable.databaseUrl });
    await client.connect();
    try {
      return (await client.query<Row>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  /** Kills it and waits until every service is ready; prints how long that took. */
  async function kill(victim: Victim): Promise<void> {
    const tookMs = await killable.kill(victim);
    process.stderr.write(`services-crash: all ready ${tookMs} ms after ${victim.name} was killed
`);
  }

  /** Kills everything once while facts are sent, and checks the history. */
  async function sendThroughCrashes(random: SeededRandom): Promise<void> {
    const load = await SteadyLoad.start(site, random, PACE);
    try {
      for (const name of shuffled(random, [...killable.services.keys()])) await kill(killable.service(name));
      for (const server of killable.servers) await kill(server);
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
      const { services } = killable;
      expect([...services.keys()].sort()).toEqual([...SERVICES].sort());
      await subscribeSeenHosts(site);
      const logs = await ServiceLogs.begin(site);

      try {
        await sendThroughCrashes(random);
        // an agent has nothing in Postgres
        const onceOf = (name: string) => (name === 'dataplane-agent' ? OUTAGES.slice(0, 2) : OUTAGES);
        const once = Object.fromEntries([...services.keys()].map((name) => [name, onceOf(name)]));
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
      await kill(killable.service('matcher'));
      await writeFile(gate, '');
      await until('the part to end', async () => {
        const parts = await site.all<PartItem>('/v1/parts?owner=EventSubscription/overtaken');
        return parts.length === 1 && parts[0]?.state === 'withdrawn';
      });
    },
    TEST_MS,
  );
});

function shuffled<T>(random: SeededRandom, all: readonly T[]): T[] {
  return all
    .map((one) => ({ one, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}
