import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type EmbeddedServer, freePort, startNats } from '@signalbox/embedded';
import { createDatabase, type TestDatabase } from './database.js';
import { type CommandResult, runCommand } from './run-command.js';
import { ServiceProcess } from './service-process.js';

/** Root of the checkout; tests run there. */
export const CHECKOUT = resolve('.');
const CLI = join(CHECKOUT, 'bin', 'signalbox');

export interface SiteOptions {
  /** `nodeName` of EventGroup/default. */
  readonly node?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Which services run in this process; default all. */
  readonly only?: string;
}

/** A problem document or any other JSON answer. */
export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

/**
 * A whole site in a box: its own nats-server, its own database, its own directory, and `standalone` as a real process.
 * Everything survives {@link kill} and {@link start}, as it would on a machine.
 */
export class Site {
  private process: ServiceProcess | undefined;
  private readonly services: ServiceProcess[] = [];
  private output = '';
  url = '';
  token = '';

  private constructor(
    readonly stateDir: string,
    readonly nats: EmbeddedServer,
    readonly database: TestDatabase,
    private readonly httpPort: number,
    private readonly options: SiteOptions,
  ) {}

  /** Makes the servers and starts the services. */
  static async start(options: SiteOptions = {}): Promise<Site> {
    const stateDir = await mkdtemp(join(tmpdir(), 'signalbox-site-'));
    const [nats, database, httpPort] = await Promise.all([
      startNats({ stateDir, log: () => undefined }),
      createDatabase(),
      freePort(),
    ]);
    const site = new Site(stateDir, nats, database, httpPort, options);
    await mkdir(site.pluginDir, { recursive: true });
    await mkdir(site.secretDir, { recursive: true });
    try {
      await site.up();
    } catch (error) {
      await site.stop();
      throw error;
    }
    return site;
  }

  get pluginDir(): string {
    return join(this.stateDir, 'plugins');
  }

  get secretDir(): string {
    return join(this.stateDir, 'secrets');
  }

  /** Everything the process printed so far. */
  get log(): string {
    return this.output;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Starts the services again on the same servers and data. Resolves when they are ready. */
  async up(): Promise<void> {
    const only = this.options.only === undefined ? [] : ['--only', this.options.only];
    this.process = new ServiceProcess({
      main: mainOf('standalone'),
      args: ['--state', this.stateDir, ...only],
      cwd: CHECKOUT,
      env: this.environment(this.httpPort),
      onOutput: (text) => (this.output += text),
    });
    this.url = this.process.url;
    await this.process.ready();
    const context = JSON.parse(await readFile(join(this.stateDir, 'context.json'), 'utf8')) as {
      token: string;
    };
    this.token = context.token;
  }

  /** Starts one more service on this site's servers, as a process of its own; {@link stop} ends it too. */
  async startService(name: string): Promise<ServiceProcess> {
    const env = this.environment(await freePort());
    const service = new ServiceProcess({ main: mainOf(name), cwd: CHECKOUT, env });
    this.services.push(service);
    await service.ready();
    return service;
  }

  /** kill -9. Resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** SIGTERM. Resolves with the exit code. */
  async shutDown(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  /** Stops and removes everything. */
  async stop(): Promise<void> {
    await Promise.all(this.services.map((service) => service.end('SIGTERM')));
    await this.end('SIGTERM');
    await this.nats.stop();
    await this.database.drop();
    await rm(this.stateDir, { recursive: true, force: true });
  }

  /** The CLI as a user runs it, with this site as its context. */
  cli(...args: string[]): Promise<CommandResult> {
    return runCommand(process.execPath, [CLI, ...args], {
      env: { ...process.env, SIGNALBOX_CONTEXT: join(this.stateDir, 'context.json'), NO_COLOR: '1' },
    });
  }

  /** The CLI with `-o json`; fails on another exit code than 0. */
  async json<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await this.cli(...args, '-o', 'json');
    if (code !== 0) throw new Error(`signalbox ${args.join(' ')} exited ${code}: ${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** A REST call with the admin token. */
  async rest<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
    const type = typeof body === 'string' ? 'application/yaml' : 'application/json';
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(text !== undefined && { 'content-type': type }),
        ...headers,
      },
      ...(text !== undefined && { body: text }),
    });
    const raw = await response.text();
    return {
      status: response.status,
      body: (raw === '' ? undefined : JSON.parse(raw)) as T,
      headers: response.headers,
    };
  }

  /** Every item of a list route, page by page; fails on another status than 200. `path` may have a query. */
  async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    for (let after: string | undefined; ;) {
      const url = new URL(path, this.url);
      url.searchParams.set('limit', '1000');
      if (after !== undefined) url.searchParams.set('after', after);
      const page = await this.rest<{ items: T[]; next?: string }>('GET', `${url.pathname}${url.search}`);
      if (page.status !== 200)
        throw new Error(`${path} answered ${page.status}: ${JSON.stringify(page.body)}`);
      items.push(...page.body.items);
      after = page.body.next;
      if (after === undefined) return items;
    }
  }

  /** Applies YAML and fails unless everything followed. */
  async apply(yaml: string): Promise<number> {
    const answer = await this.rest<{ revision: number }>('POST', '/v1/apply', yaml);
    if (answer.status !== 200)
      throw new Error(`apply answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body.revision;
  }

  /** Puts an executable into the plugin directory and returns its path. */
  async addPlugin(name: string, source: string): Promise<string> {
    const path = join(this.pluginDir, name);
    await writeFile(path, source, { mode: 0o755 });
    return path;
  }

  private environment(httpPort: number): NodeJS.ProcessEnv {
    return {
      ...process.env,
      NATS_URL: this.nats.url,
      DATABASE_URL: this.database.url,
      HTTP_PORT: String(httpPort),
      SIGNALBOX_NODE: this.options.node ?? 'test-node',
      SIGNALBOX_STATE_DIR: this.stateDir,
      SIGNALBOX_PLUGIN_DIRS: this.pluginDir,
      SIGNALBOX_SECRET_DIR: this.secretDir,
      LOG_LEVEL: 'info',
      ...this.options.env,
    };
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    return (await this.process?.end(signal)) ?? null;
  }
}

/** The built entry point of an app. */
function mainOf(app: string): string {
  return join(CHECKOUT, 'dist', 'apps', app, 'src', 'main.js');
}
