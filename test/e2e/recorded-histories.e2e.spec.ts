import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SUBJECTS } from '@signalbox/contracts';
import { createToken } from '@signalbox/runtime';
import { CHECKOUT, Site, until } from '@signalbox/testing';
import { connect } from 'nats';
import pg from 'pg';
import { configDigest } from '../../apps/renderer/src/domain/config-digest.js';
import { recordHistory } from '../history/record-history.js';
import {
  DECODERS,
  FROZEN,
  isNotFrozen,
  kindOf,
  NOT_FROZEN,
  unclassifiedSubjects,
} from '../history/record-kinds.js';
import { RecordShapes } from '../history/record-shapes.js';
import {
  bytesOf,
  readHistory,
  type RecordedHistory,
  type RecordedTable,
  versionsIn,
  writeHistory,
} from '../history/recorded-history.js';
import { NODE } from '../history/recording-site.js';
import { foldHistory, publishHistory } from '../history/replay.js';
import { chainTables, linesOf, readTables, unreadableIn } from '../history/site-history.js';
import { manifest, resource } from './manifests.js';
import type { RouterDocument } from './site-activity.js';

jest.setTimeout(300_000);

/** One directory for each version that is out. */
const HISTORIES = join(CHECKOUT, 'test', 'histories');
/** Where `npm run record-history` wants the history that is recorded here; its name is the version. */
const KEPT = process.env['SIGNALBOX_RECORD_HISTORY'];

const DIGEST = 'signalbox.dev/digest';
const GENERATION = 'signalbox.dev/generation';

const versions = versionsIn(HISTORIES);

describe('records', () => {
  it('are frozen, or said not to be: every one that there is a decoder for', () => {
    const known = [...FROZEN.map(({ name }) => name), ...NOT_FROZEN];
    expect([...DECODERS].sort()).toEqual(known.sort());
  });

  it('are frozen, or said not to be: every one that there is a subject for', () => {
    expect(unclassifiedSubjects()).toEqual([]);
  });
});

describe('a history that is recorded now', () => {
  let directory: string;
  let history: RecordedHistory;
  const version = KEPT === undefined ? 'now' : basename(KEPT);

  beforeAll(async () => {
    directory = KEPT === undefined ? await mkdtemp(join(tmpdir(), 'signalbox-histories-')) : dirname(KEPT);
    await writeHistory(directory, await recordHistory(version));
    history = readHistory(directory, version);
  }, 600_000);

  afterAll(async () => {
    if (KEPT === undefined) await rm(directory, { recursive: true, force: true });
  });

  it('begins with records that are gone, and holds two messages that nobody can read', () => {
    const activity = history.streams.find(({ name }) => name === 'ACTIVITY');
    expect(activity?.messages[0]?.seq).toBeGreaterThan(1);
    expect(history.unreadable).toHaveLength(2);
  });

  it('holds nothing of the machine that recorded it', () => {
    const text = JSON.stringify(history);
    const own = [CHECKOUT, tmpdir(), hostname()].filter((word) => word.length > 4);
    expect(own.filter((word) => text.includes(word))).toEqual([]);
  });

  complete(() => history);
  replayed(() => history, true);
});

for (const version of versions)
  describe(`the history of ${version}`, () => {
    const history = readHistory(HISTORIES, version);
    const isNewest = version === versions.at(-1);
    if (isNewest) complete(() => history);
    replayed(() => history, isNewest);
  });

/** What the newest history has to be: when a kind of record or a column is new, another one has to be recorded. */
function complete(historyOf: () => RecordedHistory): void {
  it('shows everything by which records of the chain differ in shape', () => {
    const shapes = new RecordShapes();
    const missing = new Set(shapes.all);
    for (const { messages } of readableStreams(historyOf()))
      for (const message of messages) {
        if (isNotFrozen(message.subject)) continue;
        const kind = kindOf(message.subject);
        if (!kind) throw new Error(`what stands under ${message.subject} is no record that is frozen`);
        for (const shown of shapes.shownBy(kind, kind.decode(bytesOf(message)))) missing.delete(shown);
      }
    expect([...missing]).toEqual([]);
  });

  it('has every table of the chain, each with rows', () => {
    const { tables } = historyOf();
    expect(tables.map(({ name }) => name)).toEqual(chainTables());
    expect(tables.filter(({ rows }) => rows.length === 0)).toEqual([]);
  });
}

/** What holds of every history for good. The newest one knows every column; what is new since is not compared for the others. */
function replayed(historyOf: () => RecordedHistory, isNewest: boolean): void {
  let site: Site;
  let client: pg.Client;
  let tables: readonly RecordedTable[];

  beforeAll(async () => {
    const history = historyOf();
    const prepare = async (prepared: Site): Promise<void> => {
      await publishHistory(prepared.nats.url, history);
      await foldHistory(prepared.nats.url, prepared.database.url, history);
      client = new pg.Client({ connectionString: prepared.database.url });
      await client.connect();
      tables = await readTables(
        client,
        history.tables.map(({ name }) => name),
      );
      await letIn(prepared);
    };
    site = await Site.start({ node: NODE, prepare });
  }, 600_000);

  afterAll(async () => {
    await client?.end();
    await site?.stop();
  }, 300_000);

  it('every record is read that could be read', () => {
    const { streams, unreadable } = historyOf();
    expect(unreadableIn(streams)).toEqual(unreadable);
  });

  it('the same rows are made of it', () => {
    for (const recorded of historyOf().tables) {
      const made = tables.find(({ name }) => name === recorded.name)!;
      expect(linesOf(made, recorded.columns)).toEqual(linesOf(recorded, recorded.columns));
    }
  });

  if (isNewest)
    it('it knows every column', () => {
      const columnsOf = (all: readonly RecordedTable[]): object =>
        all.map(({ name, columns }) => [name, columns]);
      expect(columnsOf(tables)).toEqual(columnsOf(historyOf().tables));
    });

  it('a site that starts on it serves the same effective config, whose digest is that of its resources', async () => {
    const { body } = await site.rest<RouterDocument>('GET', '/v1/effective-config');
    expect(body).toEqual(historyOf().effectiveConfig);
    expect(body.metadata.annotations?.[DIGEST]).toBe(configDigest(body.spec.resources));
  });

  it('the site goes on from there: no service meets a record that it cannot read, and what follows is right', async () => {
    const { annotations: before } = (historyOf().effectiveConfig as RouterDocument).metadata;
    await site.apply(manifest(resource('example.net/v1', 'Note', 'after-the-replay', { text: 'new' })));
    const { body } = await site.rest<RouterDocument>('GET', '/v1/effective-config');
    expect(Number(body.metadata.annotations?.[GENERATION])).toBe(Number(before?.[GENERATION]) + 1);
    expect(body.metadata.annotations?.[DIGEST]).toBe(configDigest(body.spec.resources));
    const verified = await until('every table to be equal', async () => {
      const { code, stdout } = await site.cli('projections', 'verify');
      return (code === 0 || code === 1) && { code, stdout: code === 0 ? '' : stdout };
    });
    expect(verified).toEqual({ code: 0, stdout: '' });
    expect(await buried()).toEqual(historyOf().unreadable);
  });

  /** Places of records that some reader of this site could not read. */
  async function buried(): Promise<unknown> {
    const { rows } = await client.query(
      `select distinct body::jsonb ->> 'stream' as stream, (body::jsonb ->> 'seq')::integer as seq
         from dead_letters where code = 'poison-message' and service = 'projection' order by 1, 2`,
    );
    return rows as unknown;
  }
}

/** The streams of a history without what nobody could read. */
function readableStreams({ streams, unreadable }: RecordedHistory): RecordedHistory['streams'] {
  return streams.map((stream) => ({
    ...stream,
    messages: stream.messages.filter(
      ({ seq }) => !unreadable.some((one) => one.stream === stream.name && one.seq === seq),
    ),
  }));
}

/** The tokens of a history are revoked: the test has one of its own. */
async function letIn(site: Site): Promise<void> {
  const { token, record } = createToken({ name: 'replay', role: 'admin' }, Date.now());
  const connection = await connect({ servers: site.nats.url });
  await connection.jetstream().publish(SUBJECTS.token, JSON.stringify(record));
  await connection.close();
  const context = { url: '', token, name: 'local', pluginDir: site.pluginDir, secretDir: site.secretDir };
  await writeFile(join(site.stateDir, 'context.json'), JSON.stringify(context), { mode: 0o600 });
}
