import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedServer, startPostgres } from '@signalbox/embedded';
import { Site, until } from '@signalbox/testing';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { seenHost } from '../e2e/test-plugins.js';
import { factLoad, type LoadFact, publishAll, SEEN } from './fact-load.js';
import {
  activeParts,
  expectAppliedOnce,
  expectStoredOnce,
  isSettled,
  newestBySubject,
} from './history-check.js';
import { seededRandom, type SeededRandom } from './seeded-random.js';

const SIZE = { count: 1000, matching: 200, lineages: 120 };
/** Crashes while the facts are sent, and while the runs they started are worked off. */
const KILLS = { sending: 4, working: 4 };
const SUBSCRIPTION = 'seen-hosts';
const SETTLED_MS = 120_000;
const TEST_MS = 300_000;
/** Characters of the site's log that a failure shows. */
const LOG_TAIL = 20_000;

/** The plugin is native, because starting Node 300 times takes longer than all the rest, and slow enough to be met. */
async function prepareSite(site: Site): Promise<void> {
  const executable = await site.addPlugin('seen-host', seenHost({ first: 'sleep 0.1' }));
  const retry = { maxAttempts: 50, backoff: '50ms', maxBackoff: '200ms' };
  await site.apply(
    manifest(plugin('seen-host', executable), subscription(SUBSCRIPTION, SEEN, 'seen-host', { retry })),
  );
}

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
    const standing = (await readable(() => activeParts(site, SUBSCRIPTION))).length;
    const wanted = Math.min(standing + random.between(1, 15), newestBySubject(facts).size);
    await until(
      `${wanted} parts`,
      async () => (await activeParts(site, SUBSCRIPTION)).length >= wanted,
      SETTLED_MS,
    );
    await crash();
  }

  await until('every lineage to be applied', () => isSettled(site, SUBSCRIPTION, facts), SETTLED_MS);
  const all = [...facts, ...renewals(facts)];
  await publishAll(site, all.slice(facts.length), () => undefined);
  await until('every lineage to be renewed', () => isSettled(site, SUBSCRIPTION, all), SETTLED_MS);
  await expectStoredOnce(site, all);
  await expectAppliedOnce(site, SUBSCRIPTION, all);
}

/** One fact more for every lineage: none may be stuck. */
function renewals(facts: readonly LoadFact[]): LoadFact[] {
  const observedAt = new Date().toISOString();
  return [...newestBySubject(facts).keys()].map((subject) => ({
    id: `renewal-${subject}`,
    type: SEEN,
    subject,
    payload: { serial: 'renewed' },
    observedAt,
  }));
}

/** A read that may meet a server on its way back. */
function readable<T>(read: () => Promise<T>): Promise<T> {
  return until('an answer', read, SETTLED_MS);
}

/** kill -9 of a supervised server; resolves when another process has taken its place. */
async function killServer(server: EmbeddedServer): Promise<void> {
  const pid = await until('the server to run', () => server.pid(), SETTLED_MS);
  process.kill(pid, 'SIGKILL');
  await until(
    'the server to be back',
    () => {
      const now = server.pid();
      return now !== undefined && now !== pid;
    },
    SETTLED_MS,
  );
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
      await prepareSite(running);
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
      await prepareSite(running);
      await crashThrough(running, random, () => killServer(running.nats));
    },
    TEST_MS,
  );

  describe('with a Postgres of its own', () => {
    let stateDir: string;
    let postgres: EmbeddedServer | undefined;

    beforeEach(async () => {
      stateDir = await mkdtemp(join(tmpdir(), 'signalbox-postgres-'));
      await chmod(stateDir, 0o711); // the user of Postgres has to pass
      postgres = await startPostgres({ stateDir, log: () => undefined });
    }, TEST_MS);

    afterEach(async () => {
      await site?.stop();
      site = undefined;
      await postgres?.stop();
      if (postgres && !postgres.dataDir.startsWith(stateDir))
        await rm(postgres.dataDir, { recursive: true, force: true });
      await rm(stateDir, { recursive: true, force: true });
    });

    it(
      'F5 Postgres is killed while 1,000 facts are sent and applied',
      async () => {
        const random = seededRandom('F5');
        const server = postgres!;
        const running = (site = await Site.start({ env: { DATABASE_URL: server.url } }));
        await prepareSite(running);
        await crashThrough(running, random, () => killServer(server));
      },
      TEST_MS,
    );
  });
});
