import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bus, ensureStream, Follower, STREAM_DEFINITIONS } from '@signalbox/bus';
import { decodeNodeRecord, type NodeRecord, type NodeStateAnswer, SUBJECTS } from '@signalbox/contracts';
import { boot, type RunningServices, readSiteConfig, type SiteConfig } from '@signalbox/runtime';
import { NatsProcess, until } from '@signalbox/testing';
import { DATAPLANE_AGENT } from './agent.module.js';
import { earlyDataPlane, type Surroundings } from './data-plane.js';
import { MemoryAnnouncer, MemoryNetwork } from './announcers/memory-announcer.fixture.js';
import { MemoryDriver, MemoryPlane } from './drivers/memory-driver.fixture.js';
import { MemoryAddresses } from './local-vips/memory-addresses.fixture.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Agents on a NATS of their own, with a data plane in memory that outlives them. */
export class AgentSite {
  /** What was done to the data plane, the network and the interfaces of the node, in order. */
  readonly journal: string[] = [];
  readonly plane = new MemoryPlane(this.journal);
  /** What the network has of the node by BIRD. */
  readonly network = new MemoryNetwork(this.journal);
  /** What it has by other methods. */
  readonly otherNetwork = new MemoryNetwork(this.journal);
  readonly addresses = new MemoryAddresses(this.journal);
  /** Every record of the node `local` so far. */
  readonly records: NodeRecord[] = [];
  /** In the place of those in memory, if any. */
  announcers: Surroundings['announcers'] | undefined;
  private readonly running: RunningServices[] = [];
  private follower: Follower | undefined;

  private constructor(
    readonly dir: string,
    readonly nats: NatsProcess,
    readonly bus: Bus,
  ) {}

  static async start(): Promise<AgentSite> {
    const dir = await mkdtemp(join(tmpdir(), 'signalbox-agent-'));
    const nats = await NatsProcess.start(join(dir, 'nats'));
    const bus = await Bus.connect({ url: nats.url, name: 'test', log: silent });
    const site = new AgentSite(dir, nats, bus);
    await ensureStream(bus.manager, STREAM_DEFINITIONS.activity, silent);
    site.follower = new Follower(bus, {
      name: 'records',
      stream: 'ACTIVITY',
      filter: SUBJECTS.allNodeActivity,
      fromSeq: 1,
      onBatch: (batch) => {
        site.records.push(...batch.map(({ data }) => decodeNodeRecord(data)));
        return Promise.resolve();
      },
    });
    return site;
  }

  config(env: NodeJS.ProcessEnv = {}): SiteConfig {
    const own = { NATS_URL: this.nats.url, HTTP_PORT: '0', LOG_LEVEL: 'silent' };
    return readSiteConfig(
      { ...own, SIGNALBOX_STATE_DIR: join(this.dir, 'state'), ...env },
      { withoutStore: true },
    );
  }

  /** Starts an agent; resolves when it is connected. */
  async agent(
    env: NodeJS.ProcessEnv = {},
    drivers: Surroundings['drivers'] = (_config, ports) => () => new MemoryDriver(this.plane, ports),
    signal?: AbortSignal,
  ): Promise<RunningServices> {
    const service = { ...DATAPLANE_AGENT, early: earlyDataPlane(this.surroundings(drivers)) };
    const running = await boot([service], this.config(env), signal);
    this.running.push(running);
    return running;
  }

  private surroundings(drivers: Surroundings['drivers']): Surroundings {
    return {
      drivers,
      announcers:
        this.announcers ??
        (() => (method) => new MemoryAnnouncer(method, method === 'bird' ? this.network : this.otherNetwork)),
      addresses: () => this.addresses,
    };
  }

  /** What the node says of itself, as soon as its server knows whom to ask. */
  state(node = 'local'): Promise<NodeStateAnswer> {
    return until(`an answer of the agent of ${node}`, () =>
      this.bus.ask<NodeStateAnswer>(SUBJECTS.askNode(node, 'state'), {}, 5000),
    );
  }

  /** Resolves when a generation was applied and a record says so; gives that record. */
  async applied(generation: number): Promise<NodeRecord> {
    return until(`a record of generation ${generation}`, () =>
      this.records.find((one) => one.appliedGeneration === generation && one.state === 'ready'),
    );
  }

  async stop(): Promise<void> {
    for (const running of this.running) await running.stop();
    await this.follower?.stop();
    await this.bus.close();
    await this.nats.kill();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** Stops one orderly, as a signal does. */
  async end(running: RunningServices): Promise<void> {
    this.running.splice(this.running.indexOf(running), 1);
    await running.stop();
  }
}
