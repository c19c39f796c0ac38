import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeListener, NodeState, NodeVpp } from '@signalbox/contracts';
import { createLog } from '@signalbox/runtime';
import { until } from '@signalbox/testing';
import type { ApplyResult } from '../driver.js';
import { FakeVpp, type FakeVppOptions } from './api/fake/fake-vpp.fixture.js';
import { shippedDescription } from './api/shipped-description.js';
import { connectVpp } from './api/vpp-client.js';
import { CONF } from './given-lb.fixture.js';
import { VppDriver, type VppSettings } from './vpp-driver.js';
import type { Connect } from './vpp-link.js';

/** For hangs only. Milliseconds. */
export const PATIENT = { deadlineMs: 30_000 } as const;

/** A VPP that was told nothing yet, and drivers of it. */
export class VppSite {
  private readonly drivers: VppDriver[] = [];
  private generation = 0;

  private constructor(
    readonly dir: string,
    readonly fake: FakeVpp,
  ) {}

  static async start(options?: FakeVppOptions): Promise<VppSite> {
    const dir = await mkdtemp(join(tmpdir(), 'vpp-'));
    return new VppSite(dir, await FakeVpp.start(join(dir, 'api.sock'), options));
  }

  readonly connect: Connect = (deadline) => {
    const description = shippedDescription();
    return connectVpp(join(this.dir, 'api.sock'), { clientName: 'signalbox', description, deadline });
  };

  /** One more driver, as after a restart of the agent. */
  driver(changes: Partial<VppSettings> = {}): VppDriver {
    const { connect } = this;
    const driver = new VppDriver({ node: 'edge-1', connect, log: createLog('silent'), ...changes });
    this.drivers.push(driver);
    return driver;
  }

  /** Applies these; says how each stands. Writes of before are forgotten. */
  async apply(
    driver: VppDriver,
    listeners: readonly NodeListener[],
    vpp: NodeVpp | undefined = CONF,
  ): Promise<ApplyResult> {
    this.fake.writes.length = 0;
    return driver.apply(this.state(listeners, vpp), PATIENT);
  }

  state(listeners: readonly NodeListener[], vpp: NodeVpp | undefined = CONF): NodeState {
    this.generation += 1;
    const sorted = [...listeners].sort((a, b) => (a.name < b.name ? -1 : 1));
    return { node: 'edge-1', generation: this.generation, listeners: sorted, ...(vpp && { vpp }) };
  }

  /** Writes since the last apply that end flows. */
  get flushes(): string[] {
    return this.fake.writes.filter((write) => write.endsWith(' flush'));
  }

  /** Resolves when VPP has no client any more. */
  async left(): Promise<void> {
    await until('clients to have left', () => Promise.resolve(this.fake.clientCount === 0));
  }

  async stop(): Promise<void> {
    for (const driver of this.drivers) await driver.close();
    await this.fake.stop();
    await rm(this.dir, { recursive: true, force: true });
  }
}
