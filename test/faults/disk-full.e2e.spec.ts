import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Site, until } from '@signalbox/testing';
import { connect, type NatsConnection, NatsError, nkeyAuthenticator } from 'nats';
import { GROUP, loadFact, type LoadFact, publishAll, renewals } from './fact-load.js';
import { expectAppliedOnce, expectStoredOnce, isSettled } from './history-check.js';
import { OwnPostgres } from './own-postgres.js';
import { seededRandom } from './seeded-random.js';
import { SEEN_HOSTS, subscribeSeenHosts } from './seen-hosts.js';
import { canMakeDisks, SmallDisk } from './small-disk.js';
import { SteadyLoad } from './steady-load.js';

const PACE = { perSecond: 40, matching: 0.5, lineages: 20 };
/** Facts before a disk is full, while it is, and when there is room again. */
const FACTS = 60;
/** Deadlines for hangs. Milliseconds. */
const SETTLED_MS = 240_000;
const TEST_MS = 600_000;
/** Mebibytes. */
const DISK = { nats: 64, postgres: 192, grown: 512 };
/** Of a message with which somebody else fills a server; more of them than a disk of that size takes. */
const FILLER = { bytes: 1024 * 1024, most: 64 };
/** Number of the first fact that is offered by hand, behind those of the load. */
const OFFERED = 90_000;

interface Refusal {
  readonly code?: string;
  readonly retryable?: boolean;
}

(canMakeDisks() ? describe : describe.skip)('a disk that is full', () => {
  let disk: SmallDisk;
  let site: Site | undefined;
  let postgres: OwnPostgres | undefined;
  /** Facts that were offered by hand; those that were refused are sent again in the end, as a publisher would. */
  let offered: LoadFact[];

  beforeEach(() => {
    offered = [];
  });

  afterEach(async () => {
    disk.clear();
    await site?.stop();
    await postgres?.stop();
    disk.remove();
    site = postgres = undefined;
  }, TEST_MS);

  /** Pids of all services: none may change while a disk is full. */
  async function pids(of: Site): Promise<Record<string, number>> {
    const names = [...(await of.serviceUrls()).keys()];
    const found = names.map(async (name) => [name, await of.servicePid(name)] as const);
    return Object.fromEntries(await Promise.all(found));
  }

  function nextOffer(): LoadFact {
    const fact = loadFact(OFFERED + offered.length, undefined, Date.now());
    offered.push(fact);
    return fact;
  }

  /** What a publisher is told by REST; another fact each time. */
  async function offer(to: Site): Promise<{ status: number } & Refusal> {
    const fact = nextOffer();
    const { status, body } = await to.rest<Refusal>('POST', `/v1/groups/${GROUP}/events`, fact);
    const { code, retryable } = body;
    return { status, ...(code !== undefined && { code }), ...(retryable !== undefined && { retryable }) };
  }

  async function refused(by: Site): Promise<{ status: number } & Refusal> {
    return until('a refusal', async () => {
      const answer = await offer(by);
      return answer.status !== 202 && answer;
    });
  }

  /** As a publisher does: the same load goes on until every fact is answered, then everything must be there once. */
  async function during(
    running: Site,
    name: string,
    whileFull: (load: SteadyLoad) => Promise<void>,
  ): Promise<void> {
    const before = await pids(running);
    const load = await SteadyLoad.start(running, seededRandom(name), PACE);
    try {
      await load.atMost(FACTS);
      await whileFull(load);
      await load.atMost(FACTS);
    } catch (error) {
      await load.abandon();
      throw error;
    }
    const sent = await load.stop();
    await settleAndCheck(running, sent);
    expect(await pids(running)).toEqual(before);
  }

  async function settleAndCheck(running: Site, sent: readonly LoadFact[]): Promise<void> {
    await until('every lineage to be applied', () => isSettled(running, SEEN_HOSTS, sent), SETTLED_MS);
    const all = [...sent, ...renewals(sent)];
    await publishAll(running, [...offered, ...all.slice(sent.length)], () => undefined);
    await until('every lineage to be renewed', () => isSettled(running, SEEN_HOSTS, all), SETTLED_MS);
    await expectStoredOnce(running, [...all, ...offered]);
    await expectAppliedOnce(running, SEEN_HOSTS, all);
    expect(await running.differences()).toBe('');
  }

  it(
    'F9 NATS refuses at its bound, which lies below the disk, and goes on when the disk has grown',
    async () => {
      disk = SmallDisk.make(DISK.nats);
      const running = (site = await Site.start({ shape: 'services', parentDir: disk.dir }));
      await subscribeSeenHosts(running);
      const nats = await operatorOf(running);
      const server = running.nats.pid();
      try {
        await during(running, 'disk-bound', async () => {
          await fillUp(nats);
          expect(await refused(running)).toEqual({ status: 507, code: 'storage-full', retryable: true });
          const fact = JSON.stringify(nextOffer());
          const reply = await nats.request(`emit.${GROUP}.door.opened`, fact, { timeout: 30_000 });
          expect(reply.json()).toMatchObject({ error: { code: 'storage-full' } });
          const { stdout } = await running.cli('show', 'alarms');
          expect(stdout).toMatch(/storage-refused +facts/);
          disk.resize(DISK.grown);
        });
        expect(running.nats.pid()).toBe(server);
      } finally {
        await nats.close();
      }
    },
    TEST_MS,
  );

  it(
    'F9 a NATS that met a full disk is started again, and goes on when there is room',
    async () => {
      disk = SmallDisk.make(DISK.nats);
      const running = (site = await Site.start({ shape: 'services', parentDir: disk.dir }));
      await subscribeSeenHosts(running);
      const server = running.nats.pid();
      await during(running, 'disk-nats', async () => {
        disk.fill();
        const { status, retryable } = await refused(running);
        expect([status >= 500, retryable]).toEqual([true, true]);
        await until(
          'nats-server to be started again',
          () => running.nats.pid() !== server && running.nats.pid() !== undefined,
          SETTLED_MS,
        );
        disk.clear();
      });
    },
    TEST_MS,
  );

  it(
    'F9 a Postgres whose disk is full keeps nobody from going on when there is room',
    async () => {
      disk = SmallDisk.make(DISK.postgres);
      const { server } = (postgres = await OwnPostgres.start({}, disk.dir));
      const running = (site = await Site.start({ shape: 'services', env: { DATABASE_URL: server.url } }));
      await subscribeSeenHosts(running);
      await during(running, 'disk-postgres', async (load) => {
        disk.fill();
        load.allow(10 * FACTS);
        await until(
          'a table that cannot grow',
          async () => NO_ROOM.test(await running.serviceLog('ingest')),
          SETTLED_MS,
        );
        disk.clear();
      });
    },
    TEST_MS,
  );
});

/** What Postgres says, or how it goes. */
const NO_ROOM = /No space left on device|lost the connection to Postgres/;

/** Somebody with every right fills the server up to its bound. */
async function fillUp(nats: NatsConnection): Promise<void> {
  const manager = await nats.jetstreamManager();
  await manager.streams.add({ name: 'FILLER', subjects: ['filler'] });
  const stream = nats.jetstream();
  const message = Buffer.alloc(FILLER.bytes);
  for (let count = 0; count < FILLER.most; count += 1) {
    try {
      await stream.publish('filler', message);
    } catch (error) {
      if (error instanceof NatsError && error.api_error) return;
      throw error;
    }
  }
  throw new Error(`NATS took ${FILLER.most} messages: it has no bound below the disk`);
}

async function operatorOf(site: Site): Promise<NatsConnection> {
  const seed = await site.natsSeed('operator');
  return connect({ servers: site.nats.url, authenticator: nkeyAuthenticator(Buffer.from(seed ?? '')) });
}
