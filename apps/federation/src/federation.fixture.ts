import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bus, ensureStream, factsDefinition, STREAM_DEFINITIONS } from '@signalbox/bus';
import {
  type Changeset,
  type DeadLetter,
  type EventGroupSpec,
  type EventPeerSpec,
  type Fact,
  factKey,
  type FactRecord,
  factsStream,
  factSubject,
  FEDERATION_API,
  type ResourceChange,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import { type EmbeddedServer, startNats, startPostgres } from '@signalbox/embedded';
import {
  boot,
  createLog,
  Metrics,
  type RunningServices,
  type SiteConfig,
  Watermarks,
  HTTP_SETTINGS,
} from '@signalbox/runtime';
import { DeliveryRow } from '@signalbox/store';
import { until } from '@signalbox/testing';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { FEDERATION } from './federation.module.js';
import { PeerLanes } from './peer-lanes.js';

export const GROUP = 'cloudedge';
const NODE = 'onprem';
const REVISION_MS = 60_000;

/** `federation` alone on a NATS and a database of its own; the test plays `api` and `ingest`. */
export class FederationSite {
  private running: RunningServices | undefined;

  private constructor(
    readonly bus: Bus,
    private readonly config: SiteConfig,
    private readonly servers: readonly EmbeddedServer[],
    private readonly tempDir: string,
  ) {}

  /** Starts the servers. `SIGNALBOX_TEST_PG` may name a Postgres that is running already. */
  static async create(): Promise<FederationSite> {
    const tempDir = mkdtempSync(join(tmpdir(), 'signalbox-federation-'));
    chmodSync(tempDir, 0o711);
    const log = (): void => undefined;
    const stateDir = join(tempDir, 'servers');
    const nats = await startNats({ env: process.env, stateDir, log });
    const given = process.env['SIGNALBOX_TEST_PG'];
    const postgres =
      given === undefined
        ? await startPostgres({ env: process.env, stateDir, settings: { fsync: 'off' }, log })
        : undefined;
    const secretDir = join(tempDir, 'secrets');
    mkdirSync(secretDir);
    const config: SiteConfig = {
      nats: { url: nats.url },
      databaseUrl: await freshDatabase(given ?? postgres?.url ?? ''),
      nodeName: NODE,
      stateDir: join(tempDir, 'state'),
      searchPath: '/usr/bin:/bin',
      caEnvironment: {},
      pluginDirs: [],
      secretDir,
      secretDirs: [],
      sourcesDir: join(tempDir, 'sources'),
      httpHost: '127.0.0.1',
      httpPort: 0,
      http: HTTP_SETTINGS,
      facts: {},
      streamBounds: {},
      warnBytes: {},
      sampleEveryMs: 60_000,
      pruneEveryMs: 60_000,
      compactEveryMs: 86_400_000,
      plugins: { sandbox: 'off', sandboxPaths: [] },
      lb: { node: 'local', haproxy: {}, nftables: { keepsSource: false } },
      sinks: { dirs: [], commandDirs: [] },
      logLevel: 'silent',
    };
    const bus = await Bus.connect({ url: nats.url, name: 'test', log: createLog('silent') });
    return new FederationSite(bus, config, postgres ? [nats, postgres] : [nats], tempDir);
  }

  /** A new site on the same servers: empty streams, empty tables. */
  async reset(): Promise<void> {
    const { streams } = this.bus.manager;
    const names: string[] = [];
    for await (const name of streams.names()) names.push(name);
    for (const name of names) await streams.delete(name);
    // a server that is still removing the files of a stream may refuse one of the same name
    for (const definition of [...Object.values(STREAM_DEFINITIONS), factsDefinition(GROUP)])
      await until(`stream ${definition.name}`, async () => {
        await ensureStream(this.bus.manager, definition, this.bus.log);
        return true;
      });
  }

  async start(): Promise<void> {
    this.running = await boot([FEDERATION], this.config);
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    this.running = undefined;
  }

  async destroy(): Promise<void> {
    await this.stop();
    await this.bus.close();
    await Promise.all(this.servers.map((server) => server.stop()));
    rmSync(this.tempDir, { recursive: true });
  }

  get url(): string {
    return this.services.url;
  }

  get dataSource(): DataSource {
    return this.services.app.get(DataSource);
  }

  get lanes(): PeerLanes {
    return this.services.app.get(PeerLanes);
  }

  metrics(): Promise<string> {
    return this.services.app.get(Metrics).registry.metrics();
  }

  get secretFile(): string {
    return join(this.config.secretDir, 'edge.key');
  }

  writeSecret(secret: string | Buffer): void {
    writeFileSync(`${this.secretFile}.new`, Buffer.concat([Buffer.from(secret), Buffer.from('\n')]));
    renameSync(`${this.secretFile}.new`, this.secretFile);
  }

  removeSecret(): void {
    rmSync(this.secretFile);
  }

  /** One changeset; resolves when federation has handled it. */
  async change(...changes: ResourceChange[]): Promise<number> {
    const changeset: Changeset = { author: 'test', message: '', at: '2026-05-30T12:00:00Z', changes };
    const { seq } = await this.bus.publisher.publishJson(SUBJECTS.resources, changeset);
    if (!this.running) return seq;
    const marks = this.services.app.get(Watermarks);
    const mark = await marks.waitFor('federation', STREAMS.journal, seq, REVISION_MS);
    if (!mark) throw new Error(`revision ${seq} was not handled in time`);
    return seq;
  }

  group(more: Partial<EventGroupSpec> = {}): ResourceChange {
    return put('EventGroup', GROUP, { nodeName: NODE, auth: { secretFile: this.secretFile }, ...more });
  }

  peer(name: string, endpoint: string, more: Partial<EventPeerSpec> = {}): ResourceChange {
    return put('EventPeer', name, { groupRef: GROUP, nodeName: `${name}-node`, endpoint, ...more });
  }

  noPeer(name: string): ResourceChange {
    return remove('EventPeer', name);
  }

  noGroup(): ResourceChange {
    return remove('EventGroup', GROUP);
  }

  /** Appends a fact record as ingest does. */
  async fact(id: string, more: Partial<Fact> = {}, about: Partial<FactRecord> = {}): Promise<number> {
    const own = about.own ?? true;
    const fact: Fact = {
      id,
      group: GROUP,
      sourceNode: own ? NODE : 'elsewhere',
      type: 'client.observed',
      subject: '10.0.0.1/32',
      dedupeKey: id,
      payload: { k: id },
      observedAt: '2026-05-30T11:59:00Z',
      ...more,
    };
    const record: FactRecord = {
      fact,
      own,
      change: 'new',
      version: 1,
      current: true,
      way: own ? 'rest' : 'peer',
      acceptedAt: '2026-05-30T11:59:01Z',
      ...about,
    };
    const subject = factSubject(GROUP, own, factKey(fact), fact.type);
    return (await this.bus.publisher.publishJson(subject, record)).seq;
  }

  /** Rows of `deliveries`, by peer and id. */
  rows(): Promise<DeliveryRow[]> {
    return this.dataSource.getRepository(DeliveryRow).find({ order: { peer: 'ASC', id: 'ASC' } });
  }

  async row(id: string, peer = 'cloud'): Promise<DeliveryRow | undefined> {
    return (await this.rows()).find((row) => row.id === id && row.peer === peer);
  }

  /** Durables on the group's stream. */
  async durables(): Promise<string[]> {
    const names: string[] = [];
    for await (const { name, config } of this.bus.manager.consumers.list(factsStream(GROUP))) {
      if (config.durable_name !== undefined) names.push(name);
    }
    return names.sort();
  }

  async deadLetters(): Promise<DeadLetter[]> {
    const { state } = await this.bus.manager.streams.info(STREAMS.dead);
    const letters: DeadLetter[] = [];
    for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
      const { data } = await this.bus.manager.streams.getMessage(STREAMS.dead, { seq });
      letters.push(JSON.parse(Buffer.from(data).toString()) as DeadLetter);
    }
    return letters;
  }

  private get services(): RunningServices {
    if (!this.running) throw new Error('federation is not running');
    return this.running;
  }
}

function put(kind: string, name: string, spec: object): ResourceChange {
  const resource = { apiVersion: FEDERATION_API, kind, metadata: { name }, spec: { ...spec } };
  return { op: 'put', resource };
}

function remove(kind: string, name: string): ResourceChange {
  return { op: 'delete', ref: { apiVersion: FEDERATION_API, kind, project: 'default', name } };
}

async function freshDatabase(server: string): Promise<string> {
  const client = new pg.Client({ connectionString: server });
  const name = `federation_${randomBytes(6).toString('hex')}`;
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.toString();
}
