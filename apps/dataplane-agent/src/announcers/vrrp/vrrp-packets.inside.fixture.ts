import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import type { VipLeadership } from '@signalbox/contracts';
import { vrrpVip } from './vrrp-node.fixture.js';
import { DEVICE, ip, macOf, type NodeName, VrrpWorld } from './vrrp-world.fixture.js';
import { WireWatch } from './wire-watch.fixture.js';

const VIP = '10.4.0.20';
const SIX = 'fd00:4::20';
const BOTH = [VIP, SIX] as const;

let world: VrrpWorld;
let watch: WireWatch;
beforeAll(async () => {
  world = await VrrpWorld.open();
});
beforeEach(async () => {
  watch = await WireWatch.start(...BOTH);
});
afterEach(async () => {
  await watch.end();
  await world.clear();
});
afterAll(() => world.close());

/** Both nodes are ready for both VIPs, and the first one leads. */
async function begin(changes: Partial<VipLeadership> = {}): Promise<void> {
  const { n1, n2 } = world.nodes;
  const vips = BOTH.map((address) => vrrpVip(address, changes));
  await n1.apply(vips, 0);
  await n1.untilLeads(...BOTH);
  await n2.apply(vips, 1);
  await n2.untilStandby(...BOTH);
  await watch.untilAnswers('n1', ...BOTH);
}

/** Nodes took over in this order, and no question was answered by two. */
function expectOrder(...nodes: readonly NodeName[]): void {
  for (const vip of BOTH) expect(watch.holders(vip)).toEqual(nodes);
  expect(watch.doubles()).toEqual([]);
}

describe('VIPs that move between nodes', () => {
  it('leave a node that is drained, which stops to answer before the next one begins, and tells clients of the next', async () => {
    await begin();
    await world.nodes.n1.apply([]);
    await watch.untilAnswers('n2', ...BOTH);
    expectOrder('n1', 'n2');
    expect(world.nodes.n1.addresses()).toEqual([]);
  });

  it('are learnt anew by a client that asked before', async () => {
    await begin();
    await watch.end();
    const holder = (vip: string): string => ip('neigh', 'show', vip, 'dev', DEVICE);
    watch = await WireWatch.start();
    for (const vip of BOTH) ip('neigh', 'replace', vip, 'lladdr', macOf('n1'), 'dev', DEVICE, 'nud', 'stale');
    await world.nodes.n1.apply([]);
    for (const vip of BOTH) await until('the neighbour to be n2', () => holder(vip).includes(macOf('n2')));
  });

  it('stay with the next one when the first comes back', async () => {
    await begin();
    const { n1, n2 } = world.nodes;
    await n1.apply([]);
    await n2.untilLeads(...BOTH);
    await n1.apply(BOTH.map((address) => vrrpVip(address)));
    await n1.untilStandby(...BOTH);
    await watch.untilAnswers('n2', ...BOTH);
    expectOrder('n1', 'n2');
  });

  it('go back to the first one with preempt', async () => {
    await begin({ preempt: true });
    const { n1, n2 } = world.nodes;
    await n1.apply([]);
    await n2.untilLeads(...BOTH);
    await watch.untilAnswers('n2', ...BOTH);
    await n1.apply(BOTH.map((address) => vrrpVip(address, { preempt: true })));
    await n2.untilStandby(...BOTH);
    await watch.untilAnswers('n1', ...BOTH);
    // the one that leads still answers what reaches it before the other's word does: at most one question to each
    expect(watch.doubles().length).toBeLessThan(3);
  });

  it('are taken over when nothing comes through to their node; when it does again, one node stays', async () => {
    await begin();
    const { n1, n2 } = world.nodes;
    world.setPlug('n1', 'out');
    await watch.untilAnswers('n2', ...BOTH);
    // it cannot know that nobody hears it
    await n1.untilLeads(...BOTH);
    expectOrder('n1', 'n2');
    world.setPlug('n1', 'in');
    await n2.untilStandby(...BOTH);
    await watch.untilAnswers('n1', ...BOTH);
    // until the first word of the one that stays both answered, which nobody can keep them from
    const doubles = watch.doubles().length;
    for (const vip of BOTH) await watch.untilHeard(vip);
    await watch.untilAnswers('n1', ...BOTH);
    expect(watch.doubles()).toHaveLength(doubles);
  });

  it('leave a node whose link is down', async () => {
    await begin();
    const { n1, n2 } = world.nodes;
    world.setLink('n1', 'down');
    await watch.untilAnswers('n2', ...BOTH);
    expect(await n1.observe()).toEqual(
      BOTH.map((address) => ({
        address,
        state: 'standby',
        why: `${DEVICE} is down, or has no address to speak from`,
      })),
    );
    world.setLink('n1', 'up');
    await n1.untilStandby(...BOTH);
    await n2.untilLeads(...BOTH);
    expectOrder('n1', 'n2');
  });
});

describe('a node whose VIPs were led', () => {
  it.each(['keepalived', 'guard', 'all', 'group'] as const)(
    'answers no more when its processes are killed at once (%s), and is ready to lead again',
    async (which) => {
      await begin();
      const { n1 } = world.nodes;
      const [before] = n1.pids('keepalived');
      n1.kill(which);
      await watch.untilAnswers('n2', ...BOTH);
      await until('its addresses to be away', () => n1.addresses().length === 0);
      await n1.untilStandby(...BOTH);
      expect(n1.pids('all')).toHaveLength(3);
      expect(n1.pids('keepalived')).not.toContain(before);
      expectOrder('n1', 'n2');
    },
  );

  it.each([0, 1])(
    'answers no more when one of the two processes of keepalived is killed (%d)',
    async (at) => {
      await begin();
      const { n1 } = world.nodes;
      process.kill(n1.pids('keepalived')[at]!, 'SIGKILL');
      await watch.untilAnswers('n2', ...BOTH);
      await n1.untilStandby(...BOTH);
      expectOrder('n1', 'n2');
    },
  );

  it('goes on without its agent, is guarded without it, and is found by the next one', async () => {
    await begin();
    const { n1 } = world.nodes;
    const pids = n1.pids('all');
    await n1.announcer.close();
    await watch.untilAnswers('n1', ...BOTH);
    expect(n1.pids('all')).toEqual(pids);
    n1.kill('keepalived');
    await watch.untilAnswers('n2', ...BOTH);
    await until('the guard to start another keepalived', () => n1.pids('all').length === 3);
    await n1.restartAgent();
    await n1.untilStandby(...BOTH);
    expect((await n1.apply(BOTH.map((address) => vrrpVip(address)))).writes).toBe(0);
    expectOrder('n1', 'n2');
  });
});

describe('a node on which everything was killed, the agent too', () => {
  it.each(['wants the same', 'wants nothing'])(
    'has its addresses taken away by the next agent, which %s',
    async (what) => {
      await begin();
      const { n1, n2 } = world.nodes;
      const wanted = what === 'wants nothing' ? [] : BOTH.map((address) => vrrpVip(address));
      await n1.announcer.close();
      n1.kill('group');
      await n2.untilLeads(...BOTH);
      expect(n1.addresses()).toEqual(BOTH);
      await n1.restartAgent();
      await n1.apply(wanted);
      expect(n1.addresses()).toEqual([]);
      if (wanted.length > 0) await n1.untilStandby(...BOTH);
      await watch.untilAnswers('n2', ...BOTH);
    },
  );
});

describe('a change of what a node is ready for', () => {
  const others = ['10.4.0.30', '10.4.0.31', '10.4.0.32', 'fd00:4::30'];

  it('changes no leader and loses no packet, also while two nodes are ready for different VIPs', async () => {
    await begin();
    const { n1, n2 } = world.nodes;
    for (let count = 1; count <= others.length; count += 1) {
      await n1.apply([...BOTH, ...others.slice(0, count)].map((address) => vrrpVip(address)));
      for (const vip of BOTH) await watch.untilHeard(vip);
    }
    await n1.apply([...BOTH, others[3]!].map((address) => vrrpVip(address)));
    await n2.apply(
      [...BOTH, others[0]!].map((address) => vrrpVip(address)),
      1,
    );
    await watch.untilAnswers('n1', ...BOTH);
    expect(n1.addresses()).toEqual([VIP, SIX, others[3]]);
    await n2.untilStandby(...BOTH, others[0]!);
    expectOrder('n1');
    for (const vip of BOTH) expect(watch.lost(vip)).toBe(0);
  });

  it('that keepalived refuses leaves all as it was', async () => {
    await begin();
    const { n1 } = world.nodes;
    const bad = [...BOTH.map((address) => vrrpVip(address)), vrrpVip('10.4.0.40', { virtualRouterId: 300 })];
    await expect(n1.apply(bad)).rejects.toMatchObject({ code: 'announce-refused' });
    await n1.untilLeads(...BOTH);
    expect((await n1.apply(bad.slice(0, 2))).writes).toBe(0);
    await watch.untilAnswers('n1', ...BOTH);
    expectOrder('n1');
    for (const vip of BOTH) expect(watch.lost(vip)).toBe(0);
  });
});
