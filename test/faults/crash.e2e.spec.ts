import { Site, until } from '@signalbox/testing';
import { factLoad, newestBySubject, publishAll, renewals } from './fact-load.js';
import { activeParts, expectAppliedOnce, expectStoredOnce, isSettled } from './history-check.js';
import { killAndReplace } from './kill.js';
import { OwnPostgres } from './own-postgres.js';
import { seededRandom, type SeededRandom } from './seeded-random.js';
import { SEEN_HOSTS, subscribeSeenHosts } from './seen-hosts.js';

const SIZE = { count: 1000, matching: 200, lineages: 120 };
/** Crashes while the facts are sent, and while the runs they started are worked off. */
const KILLS = { sending: 4, working: 4 };
const SETTLED_MS = 120_000;
const TEST_MS = 300_000;
/** Characters of the site's log that a failure shows. */
const LOG_TAIL = 20_000;

/**
 * Sends the load while `crash` is called at seeded counts of answered facts, then at seeded counts of accepted parts,
 * and checks the history. At the very end every lineage is renewed once: that is later than all that may happen.
 */
async function crashThrough(site: Site, random: SeededRandom, crash: () => Promise<void>): Promise<void> {
  try {
    await sendAndCheck(site, random, crash);
  } catch (error) {
    process.stderr.write(`the site said at last:\n${site.log.slice(-LOG_TAIL)}\n`);
    throw error;
  }
}

async function sendAndCheck(site: Site, random: SeededRandom, crash: () => Promise<void>): Promise<void> {
  const facts = factLoad(random, SIZE);
  const sending = random.points(KILLS.sending, 1, SIZE.count - 1);
  let crashes = 0;
  let crashing = Promise.resolve();
  await publishAll(site, facts, (answers) => {
    if (!sending.includes(answers)) return;
    crashes += 1;
    crashing = crashing.then(crash);
  });
  await crashing;
  expect(crashes).toBe(KILLS.sending);

  for (let done = 0; done < KILLS.working; done += 1) {
    const standing = (await readable(() => activeParts(site, SEEN_HOSTS))).length;
    const wanted = Math.min(standing + random.between(1, 15), newestBySubject(facts).size);
    await until(
      `${wanted} parts`,
      async () => (await activeParts(site, SEEN_HOSTS)).length >= wanted,
      SETTLED_MS,
    );
    await crash();
  }

  await until('every lineage to be applied', () => isSettled(site, SEEN_HOSTS, facts), SETTLED_MS);
  const all = [...facts, ...renewals(facts)];
  await publishAll(site, all.slice(facts.length), () => undefined);
  await until('every lineage to be renewed', () => isSettled(site, SEEN_HOSTS, all), SETTLED_MS);
  await expectStoredOnce(site, all);
  await expectAppliedOnce(site, SEEN_HOSTS, all);
}

/** A read that may meet a server on its way back. */
function readable<T>(read: () => Promise<T>): Promise<T> {
  return until('an answer', read, SETTLED_MS);
}

describe('nothing acknowledged is lost and nothing is applied twice', () => {
  let site: Site | undefined;

  afterEach(async () => {
    await site?.stop();
    site = undefined;
  });

  it(
    'F1 the site is killed while 1,000 facts are sent and applied',
    async () => {
      const random = seededRandom('F1');
      const running = (site = await Site.start());
      await subscribeSeenHosts(running);
      await crashThrough(running, random, async () => {
        await running.kill();
        await running.up();
      });
    },
    TEST_MS,
  );

  it(
    'F4 nats-server is killed while 1,000 facts are sent and applied',
    async () => {
      const random = seededRandom('F4');
      const running = (site = await Site.start());
      await subscribeSeenHosts(running);
      await crashThrough(running, random, () => killAndReplace('nats-server', running.nats.pid, SETTLED_MS));
    },
    TEST_MS,
  );

  describe('with a Postgres of its own', () => {
    let postgres: OwnPostgres;

    beforeEach(async () => {
      postgres = await OwnPostgres.start();
    }, TEST_MS);

    afterEach(async () => {
      await site?.stop();
      site = undefined;
      await postgres?.stop();
    });

    it(
      'F5 Postgres is killed while 1,000 facts are sent and applied',
      async () => {
        const random = seededRandom('F5');
        const { server } = postgres;
        const running = (site = await Site.start({ env: { DATABASE_URL: server.url } }));
        await subscribeSeenHosts(running);
        await crashThrough(running, random, () => killAndReplace('Postgres', server.pid, SETTLED_MS));
      },
      TEST_MS,
    );
  });
});
