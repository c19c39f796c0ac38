import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Resource } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import { connect, type NatsConnection } from 'nats';
import pg from 'pg';
import { manifest } from '../e2e/manifests.js';

/** Records name these files: wherever a history is recorded, their paths are the same. */
export const PLACE = '/tmp/signalbox-history';
const PLUGINS = join(PLACE, 'plugins');
const SECRETS = join(PLACE, 'secrets');
const SOURCES = join(PLACE, 'sources');
const SINKS = join(PLACE, 'sinks');
const SINK_COMMANDS = join(PLACE, 'sink-commands');

export const NODE = 'edge-1';
const SETTINGS = {
  SIGNALBOX_PLUGIN_DIRS: PLUGINS,
  SIGNALBOX_SECRET_DIR: SECRETS,
  SIGNALBOX_SOURCES_DIR: SOURCES,
  SIGNALBOX_SINK_DIRS: SINKS,
  SIGNALBOX_SINK_COMMAND_DIRS: SINK_COMMANDS,
  SIGNALBOX_ACTIVITY_MAX_AGE: '1s',
  SIGNALBOX_PRUNE_EVERY: '100ms',
};

/** A site in which something happens that is to be recorded, with a way into its NATS, its database and a peer. */
export class RecordingSite {
  private constructor(
    readonly site: Site,
    readonly nats: NatsConnection,
    readonly database: pg.Client,
    private readonly peer: Server,
  ) {}

  static async start(): Promise<RecordingSite> {
    await rm(PLACE, { recursive: true, force: true });
    for (const directory of [PLACE, PLUGINS, SECRETS, SOURCES, SINKS, SINK_COMMANDS]) {
      await mkdir(directory);
      await chmod(directory, 0o755); // a plugin is trusted only where nobody else can write, whatever the umask is
    }
    const site = await Site.start({ node: NODE, env: SETTINGS });
    const nats = await connect({ servers: site.nats.url });
    const database = new pg.Client({ connectionString: site.database.url });
    await database.connect();
    const tried = new Set<string>();
    const peer = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const fact = JSON.parse(Buffer.concat(chunks).toString()) as PushedFact;
        const { status, body } = answerTo(fact, tried.has(fact.id));
        tried.add(fact.id);
        response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
    return new RecordingSite(site, nats, database, peer);
  }

  /** Where a peer takes facts, and answers by what their subjects say. */
  get peerUrl(): string {
    return `http://127.0.0.1:${(this.peer.address() as AddressInfo).port}`;
  }

  async addPlugin(name: string, source: string): Promise<string> {
    const file = join(PLUGINS, name);
    await writeFile(file, source, { mode: 0o755 });
    return file;
  }

  /** Where sinks may write files. */
  readonly sinkDir = SINKS;

  async addSinkCommand(name: string, source: string): Promise<string> {
    const file = join(SINK_COMMANDS, name);
    await writeFile(file, source, { mode: 0o755 });
    return file;
  }

  async addSecret(name: string, secret: string): Promise<string> {
    const file = join(SECRETS, name);
    await writeFile(file, `${secret}\n`, { mode: 0o600 });
    return file;
  }

  /** A file that a BackendSource may read. */
  async addSource(name: string, text: string): Promise<void> {
    await writeFile(join(SOURCES, name), text);
  }

  async apply(...resources: readonly Resource[]): Promise<void> {
    await this.site.apply(manifest(...resources));
  }

  async delete(kind: string, name: string): Promise<void> {
    const { code, stderr } = await this.site.cli('delete', kind, name);
    if (code !== 0) throw new Error(`${kind}/${name} could not be deleted: ${stderr}`);
  }

  /** Stores a message as its writer would. */
  async append(subject: string, data: object | Uint8Array): Promise<void> {
    const bytes = data instanceof Uint8Array ? data : Buffer.from(JSON.stringify(data));
    await this.nats.jetstream().publish(subject, bytes);
  }

  /** Waits until a query has rows. */
  async untilRows(what: string, query: string): Promise<void> {
    await until(what, async () => (await this.database.query(query)).rows.length > 0);
  }

  async stop(): Promise<void> {
    this.peer.closeAllConnections();
    await new Promise((resolve) => this.peer.close(resolve));
    await this.nats.close();
    await this.database.end();
    await this.site.stop();
    await rm(PLACE, { recursive: true, force: true });
  }
}

interface PushedFact {
  readonly id: string;
  readonly subject?: string;
}

function answerTo(
  { id, subject }: PushedFact,
  isAgain: boolean,
): { readonly status: number; readonly body: object } {
  if (subject === 'refused')
    return { status: 400, body: { accepted: false, code: 'bad-grammar', id, message: 'not for me' } };
  if (subject === 'late' && !isAgain)
    return { status: 503, body: { accepted: false, code: 'not-ready', id, message: 'later' } };
  return { status: 200, body: { accepted: true, id, duplicate: subject === 'known' } };
}
