import { afterEach, describe, expect, it } from '@jest/globals';
import { Bus } from '@signalbox/bus';
import { type BackendRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import type { ConsumerInfo } from 'nats';
import pg from 'pg';
import { backend } from '../e2e/balance-site.js';
import { EventStream } from '../e2e/event-stream.js';
import { manifest } from '../e2e/manifests.js';

/** What a day leaves behind. */
const RECORDS = 200_000;
const BACKENDS = 20;
/** Records that are under way at once. */
const WINDOW = 1000;
/**
 * Most messages that a reader which does not get on may have taken: what its pull asked for, what waits in it and what is in
 * work, with room to spare. The rest stays on the server.
 */
const MOST_TAKEN = 5000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Deadlines for hangs. Milliseconds. */
const CAUGHT_UP_MS = 300_000;
const TEST_MS = 900_000;

interface Standing {
  readonly name: string;
  readonly version: string;
  readonly address: string;
}

describe('F15 a reader that was away', () => {
  let site: Site;
  let database: pg.Client;
  let bus: Bus;

  afterEach(async () => {
    await bus?.close();
    await database?.end();
    await site?.stop();
  }, TEST_MS);

  async function start(env: NodeJS.ProcessEnv = {}): Promise<void> {
    site = await Site.start({ shape: 'services', env });
    database = new pg.Client({ connectionString: site.database.url });
    await database.connect();
    const seed = (await site.natsSeed('operator')) ?? '';
    const login = { kind: 'nkey', seed, from: 'the keys of the site' } as const;
    bus = await Bus.connect({ url: site.nats.url, name: 'operator', login, log: silent });
    const names = Array.from({ length: BACKENDS }, (_, n) => `b${n}`);
    await site.apply(manifest(...names.map((name, n) => backend(name, `10.0.0.${n + 1}`))));
    await until('every backend to be up', async () => (await standing()).length === BACKENDS);
  }

  async function standing(): Promise<Standing[]> {
    const text = `select name, version, address from backends where state = 'up' order by name`;
    return (await database.query<Standing>(text)).rows;
  }

  async function transitions(): Promise<number> {
    const { rows } = await database.query<{ count: string }>('select count(*) from backend_transitions');
    return Number(rows[0]?.count);
  }

  /** A day of backends that go down and come back, as `health` records it; in the end all are up again. */
  async function appendDay(): Promise<void> {
    const backends = (await standing()).map((one) => ({ ...one, version: Number(one.version) }));
    const at = '2026-11-21T15:06:28.472Z';
    for (let from = 0; from < RECORDS; from += WINDOW) {
      const stored = Array.from({ length: WINDOW }, (_, n) => {
        const one = backends[(from + n) % BACKENDS]!;
        const isUp = Math.floor((from + n) / BACKENDS) % 2 === 1;
        const record: BackendRecord = {
          backend: one.name,
          version: (one.version += 1),
          at,
          from: isUp ? 'down' : 'up',
          to: isUp ? 'up' : 'down',
          since: at,
          result: { ok: isUp, code: 'static', detail: '' },
          address: one.address,
        };
        return bus.publisher.publishJson(SUBJECTS.backendActivity(one.name), record);
      });
      await Promise.all(stored);
    }
  }

  async function consumerOf(reader: string): Promise<ConsumerInfo | undefined> {
    for await (const info of bus.manager.consumers.list(STREAMS.activity))
      if (info.name.startsWith(reader)) return info;
    return undefined;
  }

  it(
    'F15 for a day takes no more of 200,000 records than it can work on, catches up, and has the same rows',
    async () => {
      await start();
      await site.shutDown();
      const before = await transitions();
      await appendDay();

      // the one who writes the table cannot get on; another one who reads the same records can
      await database.query('begin');
      await database.query('lock table backends in exclusive mode');
      const up = site.up();
      up.catch(() => undefined);
      await until(
        'another reader to have read all of it',
        async () => (await consumerOf('balancer-backend-states-'))?.num_pending === 0,
        CAUGHT_UP_MS,
      );
      const slow = await until('the reader that cannot get on', () =>
        consumerOf('health-projection-backends-'),
      );
      expect(slow.delivered.consumer_seq).toBeLessThanOrEqual(MOST_TAKEN);
      expect(slow.num_pending).toBeGreaterThanOrEqual(RECORDS - MOST_TAKEN);

      await database.query('rollback');
      await up;
      await until('all rows', async () => (await transitions()) >= before + RECORDS, CAUGHT_UP_MS);
      expect(await transitions()).toBe(before + RECORDS);
      expect(await standing()).toHaveLength(BACKENDS);
      expect(await site.differences()).toBe('');
    },
    TEST_MS,
  );

  it(
    'F15 while its records were purged begins with the present state, and goes on from there',
    async () => {
      await start({ SIGNALBOX_ACTIVITY_MAX_AGE: '1s' });
      const watching = await EventStream.open(site, 'kind=backend');
      const { id } = await watching.seen('the present state', (event) => event.id !== undefined);
      await watching.close();
      for (const name of ['b0', 'b1']) await site.rest('POST', `/v1/backends/${name}/disable`);
      const wanted = (await bus.manager.streams.info(STREAMS.activity)).state.last_seq;
      await until('what was missed to be no longer kept', async () => {
        const { status, body } = await site.rest<{ upTo: number }>('POST', '/v1/compactions');
        return status === 200 && body.upTo >= wanted;
      });

      const again = await EventStream.open(site, 'kind=backend', id);
      await again.seen('the end of the present state', (event) => event.id !== undefined);
      expect(again.events.map(({ data }) => [data.backend, data.to, data.synthetic])).toEqual(
        Array.from({ length: BACKENDS }, (_, n) => `b${n}`)
          .sort()
          .map((name) => [name, ['b0', 'b1'].includes(name) ? 'disabled' : 'up', true]),
      );
      await site.rest('POST', '/v1/backends/b0/enable');
      const live = await again.seen('what comes next', ({ data }) => data.synthetic === undefined);
      expect(live.data.backend).toBe('b0');
      await again.close();
    },
    TEST_MS,
  );
});
