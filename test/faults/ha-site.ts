import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Resource } from '@signalbox/contracts';
import { CHECKOUT, DEADLINE_MS, Site, tellNotRun, until } from '@signalbox/testing';
import { whatLacks } from '../../scripts/ha/programs.mjs';
import { type ClientReport, type NodeName, World } from '../../scripts/ha/world.mjs';
import { manifest } from '../e2e/manifests.js';
import { balance, findListener } from '../e2e/traffic.js';

export type { ClientReport, NodeName } from '../../scripts/ha/world.mjs';

/** Why load-balancing nodes cannot be killed on this machine; undefined: they can. */
export const HA_LACK = whatLacks();
if (HA_LACK !== undefined) tellNotRun('load-balancing nodes that die', HA_LACK);

export const NODES: readonly NodeName[] = ['n1', 'n2'];
const MANIFEST = join(CHECKOUT, 'examples', 'several-nodes', 'demo.yaml');
const CONNECTIONS = 60;
/** Packets of BFD, of 100 ms each, whose loss is a loss: on a busy machine daemons may have to wait for some time. */
const PATIENCE = 20;
/** Each connection sends a line so often: often enough that none is silent when something happens. Milliseconds. */
const EVERY_MS = 20;
/** Lines that each connection has to get for it to count as alive, unless a test says more. */
const LINES = 20;
/** A neighbour that does not answer is given up by the kernel after some seconds, and not after half a minute. */
const FORGETFUL = {
  'ipv4/neigh/seg0/base_reachable_time_ms': 500,
  'ipv4/neigh/seg0/delay_first_probe_time': 1,
  'ipv4/neigh/seg0/retrans_time_ms': 250,
};

/** A site, and two nodes of it behind a router, with clients whose connections stand. */
export class HaSite {
  private constructor(
    readonly site: Site,
    readonly world: World,
  ) {}

  /** Both nodes serve `web` with the manifest of the demo. */
  static async start(): Promise<HaSite> {
    const site = await Site.start();
    const world = await World.open({ multiplier: PATIENCE }).catch(async (error: unknown) => {
      await site.stop();
      throw error;
    });
    const ha = new HaSite(site, world);
    try {
      for (const node of NODES) world.namespaces.sysctl(node, FORGETFUL);
      await world.joinSite(Number(new URL(site.nats.url).port));
      for (const node of NODES) await world.startNode(node);
      const variables = ['--var', `segment=${world.segment}`];
      const { code, stderr } = await site.cli('apply', '-f', MANIFEST, ...variables);
      if (code !== 0) throw new Error(`apply exited ${code}: ${stderr}`);
      await ha.apply(balance('BfdProfile', 'fast', { detectMultiplier: PATIENCE }));
      await ha.bothServe();
      return ha;
    } catch (error) {
      await ha.stop();
      throw error;
    }
  }

  /** Makes these as they are here, whatever the manifest says of them. */
  async apply(...resources: readonly Resource[]): Promise<void> {
    const path = '/v1/apply?wait=60s';
    const { status, body } = await this.site.rest('POST', path, manifest(...resources));
    if (status !== 200) throw new Error(`apply answered ${status}: ${JSON.stringify(body)}`);
  }

  /** Resolves with the digest of the table that both have, when the router sends clients to both. */
  async bothServe(): Promise<string> {
    const digest = await until('both nodes to have the newest state, and one table', async () => {
      const { nodes, provisioningStatus } = await findListener(this.site, 'web');
      const digests = nodes.map(({ current, tableDigest }) => (current ? tableDigest : undefined));
      const [first, second] = digests;
      return provisioningStatus === 'active' && first !== undefined && first === second && first;
    });
    await this.routed(...NODES);
    return digest;
  }

  /** Waits until the router sends clients to exactly these. */
  async routed(...nodes: readonly NodeName[]): Promise<void> {
    await until(`the router to send clients to ${nodes.join(' and ') || 'nobody'}`, () =>
      isSame(this.world.routes(), nodes),
    );
  }

  /** Connections that stand until {@link disconnect}. */
  async connect(): Promise<void> {
    await this.world.connect(CONNECTIONS, EVERY_MS);
    expect(await this.report()).toMatchObject({ connections: CONNECTIONS, alive: CONNECTIONS, lost: [] });
  }

  /** Every connection goes on for so many lines, none of them was lost. */
  async noneIsLost(lines = LINES): Promise<void> {
    const received = () => this.world.clients.do('received') as Promise<number[]>;
    const before = await received();
    const isDone = async () => {
      const now = await received();
      const { lost } = await this.report();
      return lost.length > 0 || now.every((count, at) => count >= before[at]! + lines);
    };
    await until('each connection to go on, or one to be lost', isDone, DEADLINE_MS + lines * EVERY_MS);
    expect(await this.report()).toMatchObject({ alive: CONNECTIONS, lost: [] });
  }

  report(): Promise<ClientReport> {
    return this.world.clients.do('report') as Promise<ClientReport>;
  }

  async disconnect(): Promise<void> {
    await this.world.clients.do('end');
  }

  /** What daemons of the nodes said last, for a test that fails. */
  outputs(): string {
    return Object.entries(this.world.nodes)
      .map(
        ([name, { agent, bird }]) => `agent of ${name}:\n${agent.output}\nBIRD of ${name}:\n${bird.output}`,
      )
      .join('\n');
  }

  async stop(): Promise<void> {
    await this.world.close();
    await this.site.stop();
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one));
}
