import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { Bus, Follower } from '@signalbox/bus';
import { APPLY_CHAIN, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { type EmbeddedServer, startNats, startPostgres } from '@signalbox/embedded';
import { boot, HTTP_SETTINGS, type RunningServices, type SiteConfig } from '@signalbox/runtime';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { API } from '../api.module.js';
import type { SiteContext } from '../start/context-file.js';

/** Serves the pictures of /docs. Jest on Node 20 cannot load it: it requires packages that are ES modules. */
jest.unstable_mockModule('@fastify/static', () => ({ default: () => Promise.resolve() }));

/** An answer of the API: status, headers and the parsed body. */
export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** `api` alone on a NATS and a database of its own. */
export class ApiSite {
  /** Sent with every call; the tests read it from the context file. */
  token = '';
  private running: RunningServices | undefined;
  private followers: Follower[] = [];

  private constructor(
    readonly config: SiteConfig,
    private readonly servers: readonly EmbeddedServer[],
    private readonly tempDir: string,
  ) {}

  /** Starts the servers. `SIGNALBOX_TEST_PG` may name a Postgres that is running already. */
  static async create(): Promise<ApiSite> {
    const tempDir = mkdtempSync(join(tmpdir(), 'signalbox-api-'));
    chmodSync(tempDir, 0o711);
    const log = (): void => undefined;
    const nats = await startNats({ env: process.env, stateDir: join(tempDir, 'servers'), log });
    const given = process.env['SIGNALBOX_TEST_PG'];
    const postgres =
      given === undefined
        ? await startPostgres({
            env: process.env,
            stateDir: join(tempDir, 'servers'),
            settings: { fsync: 'off' },
            log,
          })
        : undefined;
    const config: SiteConfig = {
      nats: { url: nats.url },
      databaseUrl: await freshDatabase(given ?? postgres?.url ?? ''),
      nodeName: 'edge-1.test',
      stateDir: join(tempDir, 'state'),
      searchPath: '/usr/bin:/bin',
      caEnvironment: {},
      pluginDirs: [],
      secretDir: join(tempDir, 'secrets'),
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
      logLevel: 'error',
    };
    return new ApiSite(config, postgres ? [nats, postgres] : [nats], tempDir);
  }

  async boot(overrides: Partial<SiteConfig> = {}): Promise<void> {
    this.running = await boot([API], { ...this.config, ...overrides });
  }

  get services(): RunningServices {
    if (!this.running) throw new Error('the site is not booted');
    return this.running;
  }

  get bus(): Bus {
    return this.services.app.get(Bus);
  }

  get dataSource(): DataSource {
    return this.services.app.get(DataSource);
  }

  /** Plays the services that follow the journal: each says at once that it has handled a changeset. */
  followJournal(): void {
    const { bus } = this;
    const follower = new Follower(bus, {
      name: 'apply chain',
      stream: STREAMS.journal,
      filter: SUBJECTS.resources,
      fromSeq: 1,
      onBatch: (batch) => {
        for (const { stream, seq } of batch)
          for (const service of APPLY_CHAIN) bus.tell({ service, stream, seq });
        return Promise.resolve();
      },
    });
    this.followers.push(follower);
  }

  async call<T = Record<string, unknown>>(
    path: string,
    request: RequestInit & { anonymous?: boolean } = {},
  ): Promise<Answer<T>> {
    const { anonymous = false, headers, ...rest } = request;
    const own: Record<string, string> = anonymous ? {} : { authorization: `Bearer ${this.token}` };
    const response = await fetch(new URL(path, this.services.url), {
      ...rest,
      headers: { ...own, ...(headers as Record<string, string>) },
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson && text !== '' ? JSON.parse(text) : text) as T,
    };
  }

  /** Ends the NATS server at once; it comes back by itself, on the same port and data. */
  killNats(): void {
    process.kill(this.servers[0]?.pid() ?? 0, 'SIGKILL');
  }

  useContext({ token }: SiteContext): void {
    this.token = token;
  }

  async shutDown(): Promise<void> {
    await Promise.all(this.followers.splice(0).map((follower) => follower.stop()));
    await this.running?.stop();
    this.running = undefined;
  }

  async destroy(): Promise<void> {
    await this.shutDown();
    await Promise.all(this.servers.map((server) => server.stop()));
    rmSync(this.tempDir, { recursive: true, force: true });
  }
}

async function freshDatabase(serverUrl: string): Promise<string> {
  const name = `sbx_api_${process.pid}_${Date.now()}`;
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
