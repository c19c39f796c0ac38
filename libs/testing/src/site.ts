import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { programFile } from '@signalbox/contracts';
import { type EmbeddedServer, ensureSiteKeys, freePort, isAlive, startNats } from '@signalbox/embedded';
import { createDatabase, type TestDatabase } from './database.js';
import { RawNats } from './raw-nats.js';
import { type CommandResult, runCommand } from './run-command.js';
import { ServiceProcess } from './service-process.js';
import { until } from './until.js';

/** Root of the checkout; tests run there. */
export const CHECKOUT = resolve('.');
const CLI = join(CHECKOUT, 'bin', 'signalbox');
/** How long services may take to stop after their supervisor was killed. Milliseconds. */
const STOP_MS = 60_000;

/** How a site runs: all services in one process, or each in its own and with a NATS user of its own. */
export const SHAPES = ['standalone', 'services'] as const;
export type Shape = (typeof SHAPES)[number];

export interface SiteOptions {
  /** Default `standalone`. */
  readonly shape?: Shape;
  /** `nodeName` of EventGroup/default. */
  readonly node?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Which services run; default all. */
  readonly only?: string;
  /** Where its directory is made, with its NATS; default the directory for temporary files. */
  readonly parentDir?: string;
  /** Most descriptors that its process may have open; default what the tests may. */
  readonly descriptors?: number;
  /** Program that is started instead of this checkout's `standalone`: that of an earlier version. */
  readonly main?: string;
  /** Is called when the servers run and no service does yet: what is put there was there before the site. */
  readonly prepare?: (site: Site) => Promise<void>;
}

/** A problem document or any other JSON answer. */
export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

/**
 * A whole site in a box: its own nats-server, its own database, its own directory, and `standalone` as a real process
 * with the services in it or below it.
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
    private main = options.main ?? programFile('standalone'),
  ) {}

  /** Makes the servers and starts the services. */
  static async start(options: SiteOptions = {}): Promise<Site> {
    const stateDir = await mkdtemp(join(options.parentDir ?? tmpdir(), 'signalbox-site-'));
    const [nats, database, httpPort] = await Promise.all([
      startNats({
        env: process.env,
        stateDir,
        log: () => undefined,
        ...(options.shape === 'services' && { usersFile: makeKeys(keysOf(stateDir)) }),
      }),
      createDatabase(),
      freePort(),
    ]);
    const site = new Site(stateDir, nats, database, httpPort, options);
    await mkdir(site.pluginDir, { recursive: true });
    await mkdir(site.secretDir, { recursive: true });
    try {
      await options.prepare?.(site);
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

  /** Of `standalone`. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  get shape(): Shape {
    return this.options.shape ?? 'standalone';
  }

  /** Where each service answers that is a process of its own: none of them in the shape `standalone`. */
  async serviceUrls(): Promise<ReadonlyMap<string, string>> {
    if (this.shape === 'standalone') return new Map();
    const file = await readFile(join(this.stateDir, 'ports.json'), 'utf8');
    const { api, services } = JSON.parse(file) as { api: number; services: Record<string, number> };
    const started = this.options.only?.split(',');
    return new Map(
      Object.entries({ api, ...services })
        .filter(([name]) => started?.includes(name) ?? true)
        .map(([name, port]) => [name, `http://127.0.0.1:${port}`] as const),
    );
  }

  /** Pid of a service that is a process of its own; while it is down, the one it had. */
  async servicePid(name: string): Promise<number> {
    return parseInt(await readFile(join(this.stateDir, `${name}.pid`), 'utf8'), 10);
  }

  /** Everything that a service that is a process of its own has printed. */
  serviceLog(name: string): Promise<string> {
    return readFile(join(this.stateDir, 'log', `${name}.log`), 'utf8');
  }

  /** The metrics of all its processes. */
  async metrics(): Promise<string> {
    const services = await this.serviceUrls();
    const urls = services.size > 0 ? [...services.values()] : [this.url];
    const answers = await Promise.all(urls.map((url) => fetch(`${url}/metrics`)));
    const refused = answers.find(({ ok }) => !ok);
    if (refused) throw new Error(`${refused.url} answered ${refused.status}`);
    return (await Promise.all(answers.map((answer) => answer.text()))).join('');
  }

  /** Seed of a NATS user; undefined where the site's NATS lets anyone in. */
  async natsSeed(user: string): Promise<string | undefined> {
    if (this.shape === 'standalone') return undefined;
    return (await readFile(join(keysOf(this.stateDir), user, 'nats.seed'), 'utf8')).trim();
  }

  /** A connection of the operator's to the site's NATS, who may do everything. */
  async rawNats(): Promise<RawNats> {
    return RawNats.connect(this.nats.url, await this.natsSeed('operator'));
  }

  /** Starts the services again on the same servers and data. Resolves when they are ready. */
  async up(): Promise<void> {
    const only = this.options.only === undefined ? [] : ['--only', this.options.only];
    const separate = this.shape === 'services' ? ['--separate'] : [];
    this.process = new ServiceProcess({
      main: this.main,
      args: ['--state', this.stateDir, ...separate, ...only],
      cwd: CHECKOUT,
      env: this.environment(this.httpPort),
      ...(this.options.descriptors !== undefined && { descriptors: this.options.descriptors }),
      readyText: 'Signalbox is ready',
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
  async startService(name: string, more: NodeJS.ProcessEnv = {}): Promise<ServiceProcess> {
    const seed = this.shape === 'services' && join(keysOf(this.stateDir), name, 'nats.seed');
    const env = { ...this.environment(await freePort()), ...(seed && { NATS_SEED_FILE: seed }), ...more };
    const service = new ServiceProcess({ main: programFile(name), cwd: CHECKOUT, env });
    this.services.push(service);
    await service.ready();
    return service;
  }

  /** kill -9 of `standalone`. Resolves when it is gone and its services with it. */
  async kill(): Promise<void> {
    const names = [...(await this.serviceUrls()).keys()];
    const found = await Promise.allSettled(names.map((name) => this.servicePid(name)));
    const pids = found.filter((pid) => pid.status === 'fulfilled').map(({ value }) => value);
    await this.end('SIGKILL');
    await until('the services to be gone', () => !pids.some(isAlive), STOP_MS);
  }

  /** SIGTERM, then a start of another version on the same servers and data; default this checkout's. */
  async upgrade(main = programFile('standalone')): Promise<void> {
    await this.shutDown();
    this.main = main;
    await this.up();
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

  /** What `projections verify` prints when not every table is what its stream says, or none could be compared; else nothing. */
  async differences(): Promise<string> {
    const { code, stdout, stderr } = await this.cli('projections', 'verify');
    return code === 0 ? '' : `${stdout}${stderr}`;
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

  /** Applies YAML. On a busy machine services may follow later than the answer (202): what follows is to be waited for. */
  async apply(yaml: string): Promise<number> {
    const answer = await this.rest<{ revision: number }>('POST', '/v1/apply', yaml);
    if (answer.status !== 200 && answer.status !== 202)
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
      // plugins of tests leave traces in the files of the test, and its directories are for its own user
      SIGNALBOX_SANDBOX: 'off',
      SIGNALBOX_PLUGIN_USER: String(process.getuid?.() ?? ''),
      LOG_LEVEL: 'info',
      ...(this.shape === 'services' && { NATS_KEYS_DIR: keysOf(this.stateDir) }),
      ...this.options.env,
    };
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    return (await this.process?.end(signal)) ?? null;
  }
}

function keysOf(stateDir: string): string {
  return join(stateDir, 'keys');
}

/** Makes a key for every NATS user of a site; returns the file that tells them to its nats-server. */
function makeKeys(dir: string): string {
  ensureSiteKeys({ dir, usersFile: join(CHECKOUT, 'deploy', 'nats', 'users.conf') });
  return join(dir, 'nats', 'users.conf');
}
