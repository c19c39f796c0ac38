import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Bus, ensureStream, STREAM_DEFINITIONS, type StreamMessage } from '@signalbox/bus';
import { CodedError, STREAMS } from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { createDatabase, type TestDatabase, until } from '@signalbox/testing';
import type { DataSource } from 'typeorm';
import { createDataSource, inFoldTransaction, migrate, type Projection, Projector } from './index.js';
import { MOVE_POSITION } from './positions.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const START_MS = 300_000;
/** Counts in a row what was folded, so that twice is not once. */
const COUNT = `insert into ones as o values (hashtext($1), $1 || ' 1')
  on conflict (seq) do update set text = $1 || ' ' || (split_part(o.text, ' ', 2)::integer + 1)`;

let directory: string;
let nats: EmbeddedServer;
let database: TestDatabase;
let bus: Bus;
let dataSource: DataSource;
let projector: Projector | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-projector-'));
  nats = await startNats({ env: process.env, stateDir: directory, log: () => undefined });
  bus = await Bus.connect({ url: nats.url, name: 'test', log: silent });
  await ensureStream(bus.manager, STREAM_DEFINITIONS.activity, bus.log);
  await ensureStream(bus.manager, STREAM_DEFINITIONS.dead, bus.log);
  database = await createDatabase();
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
  for (const name of ['ones', 'twos'])
    await dataSource.query(`create table ${name} (seq bigint primary key, text text not null)`);
}, START_MS);

afterEach(async () => {
  await projector?.stop();
  projector = undefined;
  await dataSource.query('truncate ones, twos');
  await dataSource.query('delete from positions');
  await bus.manager.streams.purge(STREAMS.activity);
  await bus.manager.streams.purge(STREAMS.dead);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
  await bus.close();
  await nats.stop();
  await rm(directory, { recursive: true, force: true });
}, START_MS);

/** A projection into a table of its own; of the second the text `two` cannot be read. */
function into(name: 'ones' | 'twos', apply?: Projection['apply']): Projection {
  const fold: Projection['apply'] = (batch, tx) => {
    for (const { seq, data } of batch) {
      const text = Buffer.from(data).toString();
      if (text === name) throw new CodedError('poison-message', `${text} cannot be read`);
      tx.write(`insert into ${name} values ($1, $2)`, [seq, text]);
    }
  };
  return {
    name,
    owner: 'test',
    stream: STREAMS.activity,
    tables: [{ name, key: ['seq'] }],
    apply: apply ?? fold,
  };
}

async function append(text: string): Promise<number> {
  return (await bus.publisher.publish('activity.test', Buffer.from(text))).seq;
}

async function texts(name: string): Promise<string[]> {
  const rows = await dataSource.query<{ text: string }[]>(`select text from ${name} order by seq`);
  return rows.map(({ text }) => text);
}

it('folds several projections from the same messages, each from its own position', async () => {
  const first = await append('a');
  projector = await Projector.start(bus, dataSource, into('ones'));
  await projector.caughtUp;
  await projector.stop();
  const last = await append('b');

  projector = await Projector.start(bus, dataSource, [into('ones'), into('twos')]);
  await until('both', () => projector!.position >= last);
  expect([await texts('ones'), await texts('twos')]).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
  expect(first).toBeLessThan(last);
});

it('commits what they make of a message together: who reads one finds the other', async () => {
  projector = await Projector.start(bus, dataSource, [into('ones'), into('twos')]);
  let isOver = false;
  const looks = (async () => {
    for (; !isOver;) {
      const [row] = await dataSource.query<{ ones: number; twos: number }[]>(
        'select (select count(*) from ones) as ones, (select count(*) from twos) as twos',
      );
      expect(row!.ones).toBe(row!.twos);
    }
  })();
  let last = 0;
  for (let n = 0; n < 200; n += 1) last = await append(`m${n}`);
  await until('all', () => projector!.position >= last);
  isOver = true;
  await looks;
});

it('passes over what one of them cannot read, and the others read it', async () => {
  projector = await Projector.start(bus, dataSource, [into('ones'), into('twos')]);
  await append('a');
  await append('ones');
  const last = await append('z');
  await until('all', () => projector!.position >= last);
  expect([await texts('ones'), await texts('twos')]).toEqual([
    ['a', 'z'],
    ['a', 'ones', 'z'],
  ]);
});

it('stands behind a last record that it cannot read, also for the next start', async () => {
  projector = await Projector.start(bus, dataSource, into('ones'));
  await append('a');
  const last = await append('ones');
  await until('all', () => projector!.position >= last);
  const stored = await dataSource.query<unknown[]>(`select seq from positions where projection = 'ones'`);
  expect(stored).toEqual([{ seq: last }]);
});

it('keeps what several of them cannot read as one dead letter', async () => {
  const unreadable: Projection['apply'] = () => {
    throw new CodedError('poison-message', 'it cannot be read');
  };
  const both = [into('ones', unreadable), into('twos', unreadable)] as const;
  projector = await Projector.start(bus, dataSource, both);
  const seq = await append('a');
  await until('the position behind it', () => projector!.position >= seq);
  const { state } = await bus.manager.streams.info(STREAMS.dead, { subjects_filter: 'dead.>' });
  const letter = await bus.manager.streams.getMessage(STREAMS.dead, { seq: state.last_seq });
  expect(letter.json()).toMatchObject({ stream: STREAMS.activity, seq, about: { seq: String(seq) } });
  expect(state.messages).toBe(1);
});

it('counts nothing twice when the answer to a commit is lost', async () => {
  let isLost = false;
  const loses: Projection['apply'] = async (batch: readonly StreamMessage[], tx) => {
    await into('ones').apply(batch, tx);
    if (isLost || !batch.some(({ data }) => Buffer.from(data).toString() === 'lost')) return;
    isLost = true;
    const { seq } = batch.at(-1)!;
    // as a commit whose answer never came: everything is there, and the fold fails
    await inFoldTransaction(dataSource, async (other) => {
      await into('ones').apply(batch, other);
      other.write('update positions set seq = $1 where projection = $2', [seq, 'ones']);
    });
  };
  projector = await Projector.start(bus, dataSource, into('ones', loses));
  const first = await append('a');
  await until('the first', () => projector!.position >= first);
  await append('lost');
  const last = await append('z');
  await until('all', () => projector!.position >= last);
  expect(isLost).toBe(true);
  expect(await texts('ones')).toEqual(['a', 'lost', 'z']);
});

it('counts nothing twice when a commit comes in behind the look at the position', async () => {
  // as of a process that was killed while Postgres worked on its commit: the next one has looked too early
  const isLate = { isTold: false };
  const counts: Projection['apply'] = async (batch, tx) => {
    if (!isLate.isTold && batch.some(({ data }) => Buffer.from(data).toString() === 'late')) {
      isLate.isTold = true;
      await inFoldTransaction(dataSource, (other) => {
        for (const { data } of batch) other.write(COUNT, [Buffer.from(data).toString()]);
        other.write('update positions set seq = $1 where projection = $2', [batch.at(-1)!.seq, 'ones']);
      });
    }
    for (const { data } of batch) tx.write(COUNT, [Buffer.from(data).toString()]);
  };
  projector = await Projector.start(bus, dataSource, into('ones', counts));
  const first = await append('a');
  await until('the first', () => projector!.position >= first);
  await append('late');
  const last = await append('z');
  await until('all', () => projector!.position >= last);
  expect(isLate.isTold).toBe(true);
  expect((await texts('ones')).sort()).toEqual(['a 1', 'late 1', 'z 1']);
});

it.each(['before', 'behind'])(
  'a commit of the same messages that comes in %s the snapshot of the fold makes it look again',
  async (when) => {
    const moved = ['ones', STREAMS.activity, 'then', 5, 4];
    await dataSource.query(MOVE_POSITION, ['ones', STREAMS.activity, 'then', 3, null]);
    let looks = 0;
    const commit = (): Promise<unknown> => dataSource.query(MOVE_POSITION, moved);
    if (when === 'before') await commit();
    const fold = inFoldTransaction(
      dataSource,
      async (tx) => {
        await tx.read('select 1', []);
        if (when === 'behind' && looks === 0) await commit();
        tx.write(MOVE_POSITION, looks === 0 ? moved : ['ones', STREAMS.activity, 'then', 6, 6]);
      },
      () => Promise.resolve(void (looks += 1)),
    );
    await fold;
    expect(looks).toBe(1);
    expect(await dataSource.query('select seq from positions')).toEqual([{ seq: 6 }]);
  },
);

it('writes all of a fold or nothing, and says what failed', async () => {
  const fold = inFoldTransaction(dataSource, (tx) => {
    tx.write('insert into ones values ($1, $2)', [1, 'a']);
    tx.write('insert into twos values ($1, $2)', [1, null]);
    tx.write('insert into ones values ($1, $2)', [2, 'b']);
  });
  await expect(fold).rejects.toThrow('violates not-null constraint');
  expect(await texts('ones')).toEqual([]);
  // the connection is as good as before
  await inFoldTransaction(dataSource, async (tx) => {
    expect(await tx.read('select 1 as one', [])).toEqual([{ one: 1 }]);
    tx.write('insert into ones values ($1, $2)', [3, 'c']);
  });
  expect(await texts('ones')).toEqual(['c']);
});
