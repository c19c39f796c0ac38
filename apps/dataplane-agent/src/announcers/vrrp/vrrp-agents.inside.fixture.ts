import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NodeAnnouncements, NodeVipReport } from '@signalbox/contracts';
import { boot, type RunningServices } from '@signalbox/runtime';
import { until } from '@signalbox/testing';
import { AgentSite } from '../../agent.fixture.js';
import { DATAPLANE_AGENT } from '../../agent.module.js';
import { earlyDataPlane } from '../../data-plane.js';
import { MemoryDriver, MemoryPlane } from '../../drivers/memory-driver.fixture.js';
import { MemoryAddresses } from '../../local-vips/memory-addresses.fixture.js';
import { listener, NodeWriter, target } from '../../node-writer.fixture.js';
import { PREFIXES, vrrpVip } from './vrrp-node.fixture.js';
import { type NodeName, NODES, VrrpWorld } from './vrrp-world.fixture.js';
import { WireWatch } from './wire-watch.fixture.js';

const VIP = '10.4.0.20';

let world: VrrpWorld;
let site: AgentSite;
let watch: WireWatch;
const agents = new Map<NodeName, RunningServices>();
const writers = new Map<NodeName, NodeWriter>();

beforeEach(async () => {
  world = await VrrpWorld.open();
  site = await AgentSite.start();
  for (const name of NODES) {
    const writer = await NodeWriter.of(site.bus, name);
    // what is looked at by the way would hide what is not told
    writer.syncIntervalMs = 3_600_000;
    writers.set(name, writer);
    await startAgent(name);
  }
  watch = await WireWatch.start(VIP);
  await announce('n1', 0);
  await watch.untilAnswers('n1', VIP);
  await announce('n2', 1);
  await untilTold('n2', 'standby', leads('n1'));
});
afterEach(async () => {
  await watch.end();
  for (const running of agents.values()) await running.stop();
  agents.clear();
  await site.stop();
  await world.close();
});

/** The agent of a node, whose programs run in the namespace of that. */
async function startAgent(name: NodeName): Promise<void> {
  const early = earlyDataPlane({
    drivers: (_config, ports) => () => new MemoryDriver(new MemoryPlane(), ports),
    announcers: () => () => world.nodes[name].another(),
    addresses: () => new MemoryAddresses(),
  });
  const config = site.config({ SIGNALBOX_LB_NODE: name });
  agents.set(name, await boot([{ ...DATAPLANE_AGENT, early }], config));
}

async function stopAgent(name: NodeName): Promise<void> {
  await agents.get(name)?.stop();
  agents.delete(name);
}

/** What the balancer tells a node from now on. */
async function announce(name: NodeName, rank: number, more: Partial<NodeAnnouncements> = {}): Promise<void> {
  const writer = writers.get(name)!;
  const vips = [{ ...vrrpVip(VIP, { rank }), drainMs: 100 }];
  writer.announcements = { prefixes: PREFIXES, peers: [], vips, ...more };
  await writer.write({ ...listener('web', target(8080)), address: VIP });
}

/** What the records of a node say of the VIP all together. */
function told(name: NodeName): NodeVipReport | undefined {
  const records = site.records.filter(({ node }) => node === name);
  return records.flatMap(({ vips = [] }) => vips).at(-1);
}

async function untilTold(name: NodeName, state: NodeVipReport['state'], why?: string): Promise<void> {
  await until(`a record that the VIP is ${state} on ${name}`, () => {
    const report = told(name);
    if (report?.state !== state || report.why !== why) throw new Error(JSON.stringify(report));
    return true;
  });
}

function leads(name: NodeName): string {
  return `the node with 10.4.0.${name === 'n1' ? 1 : 2} leads it`;
}

describe('agents of two nodes', () => {
  it('tell who leads, and hand over in a drain', async () => {
    expect(told('n1')).toMatchObject({ state: 'announced', method: 'vrrp', announcement: 'edge' });
    await announce('n1', 0, { drained: true });
    await watch.untilAnswers('n2', VIP);
    await untilTold('n1', 'withdrawn', 'the node is drained');
    await untilTold('n2', 'announced');
    await announce('n1', 0);
    await untilTold('n1', 'standby', leads('n2'));
    expect(watch.holders(VIP)).toEqual(['n1', 'n2']);
    expect(watch.doubles()).toEqual([]);
  });

  it('tell of another leader that nobody here made', async () => {
    world.nodes.n1.kill('keepalived');
    await untilTold('n2', 'announced');
    await untilTold('n1', 'standby', leads('n2'));
  });

  it('are not needed while NATS is away, neither is NATS: the VIP stays, and moves when its node goes', async () => {
    await site.nats.kill();
    await watch.untilAnswers('n1', VIP);
    world.nodes.n1.kill('keepalived');
    await watch.untilAnswers('n2', VIP);
    await until('the first node to be ready again', () => world.nodes.n1.pids('all').length === 3);
    await site.nats.start();
    await untilTold('n2', 'announced');
    await untilTold('n1', 'standby', leads('n2'));
    expect(watch.holders(VIP)).toEqual(['n1', 'n2']);
    expect(watch.doubles()).toEqual([]);
  });

  it('leave the VIP where it is when they stop, and find it there when they start without NATS', async () => {
    const pids = world.nodes.n1.pids('all');
    for (const name of NODES) await stopAgent(name);
    await watch.untilAnswers('n1', VIP);
    const before = site.records.length;
    for (const name of NODES) await startAgent(name);
    await until('both to tell all they know', () => site.records.length >= before + 2);
    await watch.untilAnswers('n1', VIP);
    expect(world.nodes.n1.pids('all')).toEqual(pids);
    expect(watch.holders(VIP)).toEqual(['n1']);
    expect(watch.lost(VIP)).toBe(0);
  });
});
