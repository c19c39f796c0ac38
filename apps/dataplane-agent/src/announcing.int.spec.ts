import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Alarm, NodeListener, NodeVip, NodeVipReport } from '@signalbox/contracts';
import { SUBJECTS } from '@signalbox/contracts';
import { lintMetrics, until } from '@signalbox/testing';
import { AgentSite } from './agent.fixture.js';
import { listener, NodeWriter, target } from './node-writer.fixture.js';

jest.setTimeout(120_000);

const [A, B] = ['192.0.2.10', '192.0.2.11'];

let site: AgentSite;
let writer: NodeWriter;

beforeEach(async () => {
  site = await AgentSite.start();
  writer = await NodeWriter.of(site.bus);
});
afterEach(() => site.stop());

function vip(address: string, listeners: readonly string[] = ['web'], over: Partial<NodeVip> = {}): NodeVip {
  return {
    ...{ address, announcement: 'edge', method: 'bird', listeners, interface: 'lo' },
    ...{ withdrawWithoutTargets: true, drainMs: 300, route: { peers: ['tor-a'] } },
    ...over,
  };
}

function at(address: string, name = 'web', weight = 100): NodeListener {
  return { ...listener(name, target(8080, weight)), address };
}

/** The next state announces these. */
function announce(...vips: readonly NodeVip[]): void {
  const peer = { name: 'tor-a', address: '198.51.100.1', port: 179, asn: 64_512, localAsn: 64_513 };
  const times = { holdSeconds: 90, keepaliveSeconds: 30, connectSeconds: 5 };
  writer.announcements = { prefixes: ['192.0.2.0/24'], peers: [{ ...peer, ...times }], vips };
}

function drain(): void {
  if (writer.announcements) writer.announcements = { ...writer.announcements, drained: true };
}

/** What the records say of the VIPs all together. */
function told(address: string): NodeVipReport | undefined {
  let known: NodeVipReport | undefined;
  for (const { whole, vips = [], goneVips = [] } of site.records) {
    if (whole || goneVips.includes(address)) known = undefined;
    known = vips.find((one) => one.address === address) ?? known;
  }
  return known;
}

async function untilTold(
  address: string,
  state: NodeVipReport['state'] | undefined,
): Promise<NodeVipReport | undefined> {
  await until(`a record that ${address} is ${state}`, () => told(address)?.state === state);
  return told(address);
}

/** The journal holds these, in this order, whatever is between. */
function expectOrder(...entries: readonly string[]): void {
  expect(site.journal.filter((entry) => entries.includes(entry))).toEqual(entries);
}

const alarms = async (): Promise<readonly Alarm[]> => {
  const ask = SUBJECTS.ask('dataplane-agent', 'alarms');
  const answers = await site.bus.askAll<{ alarms: Alarm[] }>(ask, {}, 5000);
  return answers.flatMap((answer) => answer.alarms);
};

describe('the order of things', () => {
  it('gives the node the address, then serves, then announces, and tells to whom', async () => {
    await site.agent();
    announce(vip(A));
    await writer.write(at(A));
    expect(await untilTold(A, 'announced')).toMatchObject({
      announcement: 'edge',
      method: 'bird',
      to: ['tor-a'],
    });
    expect(site.journal).toEqual([`add ${A}`, `serve web ${A}`, `announce ${A}`]);
    expect(site.records.at(-1)).toMatchObject({ appliedGeneration: 1, state: 'ready' });
    expect(site.records.flatMap(({ peers = [] }) => peers).at(-1)).toMatchObject({
      name: 'tor-a',
      state: 'up',
      bfd: 'up',
    });
    expect(site.records.at(-1)?.trafficDigest).toMatch(/^[0-9a-f]+$/);
    expect(await site.state()).toMatchObject({ vips: [{ address: A, state: 'announced' }] });
  });

  it('withdraws what leaves, serves it for the time of the drain, and only then ends it and takes the address', async () => {
    await site.agent();
    announce(vip(A), vip(B, ['mail']));
    await writer.write(at(B, 'mail'), at(A));
    await untilTold(B, 'announced');
    site.journal.length = 0;
    announce(vip(A));
    await writer.write(at(A, 'web', 50));
    await until('the address to be taken away', () => site.journal.includes(`remove ${B}`));
    expect(site.journal).toEqual([`withdraw ${B}`, `end mail ${B}`, `remove ${B}`]);
    await untilTold(B, undefined);
    await until('a record that the listener is gone', () =>
      site.records.some(({ gone }) => gone.includes('mail')),
    );
    expect(site.network.seen).toEqual([A]);
  });

  it('applies all else of a state at once while a VIP leaves, and reports the listener as long as it stands', async () => {
    await site.agent();
    const long = { drainMs: 600_000 };
    announce(vip(A), vip(B, ['mail'], long));
    await writer.write(at(B, 'mail'), at(A));
    await untilTold(B, 'announced');
    announce(vip(A));
    const generation = await writer.write(at(A, 'web', 50));
    const record = await site.applied(generation);
    expect(record.gone).toEqual([]);
    expect(site.plane.standing.get('web')?.targets[0]?.weight).toBe(50);
    expect((await untilTold(B, 'withdrawn'))?.why).toBe('the node is not to announce it any more');
    expect([...site.plane.standing.keys()].sort()).toEqual(['mail', 'web']);

    // it comes back before it has left
    site.journal.length = 0;
    announce(vip(A), vip(B, ['mail'], long));
    await writer.write(at(B, 'mail', 70), at(A, 'web', 50));
    await untilTold(B, 'announced');
    expect(site.journal).toEqual([`announce ${B}`]);
    expect(site.plane.standing.get('mail')?.targets[0]?.weight).toBe(70);
  });

  it('moves a VIP to another listener without withdrawing it', async () => {
    await site.agent();
    announce(vip(A));
    await writer.write(at(A));
    await untilTold(A, 'announced');
    site.journal.length = 0;
    announce(vip(A, ['new']));
    const generation = await writer.write(at(A, 'new'));
    await site.applied(generation);
    expect(site.journal.sort()).toEqual([`end web ${A}`, `serve new ${A}`]);
    expect(site.network.seen).toEqual([A]);
  });

  it('leaves a listener that moves to another VIP where it is until clients have heard of it', async () => {
    await site.agent();
    announce(vip(A));
    await writer.write(at(A));
    await untilTold(A, 'announced');
    announce(vip(B));
    await writer.write(at(B));
    await untilTold(B, 'announced');
    expectOrder(`withdraw ${A}`, `end web ${A}`, `serve web ${B}`, `announce ${B}`);
  });

  it('announces 200 VIPs in one change, and withdraws them in one', async () => {
    await site.agent();
    const names = Array.from({ length: 200 }, (_, index) => `l${String(index).padStart(3, '0')}`);
    const addresses = names.map((_, index) => `192.0.2.${index + 10}`);
    announce(...addresses.map((address, index) => vip(address, [names[index] ?? ''])));
    await writer.write(...addresses.map((address, index) => at(address, names[index])));
    await until('200 VIPs on the network', () => site.network.seen.length === 200);
    expect(site.network.changes).toEqual([200]);
    writer.announcements = undefined;
    await writer.write();
    await until('none of them', () => site.network.seen.length === 0);
    expect(site.network.changes).toEqual([200, 200]);
    await until('their addresses to be gone', () => site.addresses.links.get('lo')?.size === 2);
    expect(site.plane.standing.size).toBe(0);
  });
});

describe('what a node is ready for', () => {
  it('withdraws a VIP without targets at once, and announces it again with the first', async () => {
    await site.agent();
    announce(vip(A), vip(B, ['mail'], { withdrawWithoutTargets: false }));
    await writer.write(at(B, 'mail'), at(A));
    await untilTold(A, 'announced');
    await writer.write(at(B, 'mail', 0), at(A, 'web', 0));
    expect((await untilTold(A, 'withdrawn'))?.why).toBe('no target of it can be used');
    expect(site.network.seen).toEqual([B]);
    await writer.write(at(B, 'mail', 0), at(A, 'web', 1));
    await untilTold(A, 'announced');
    expect(site.network.seen).toEqual([A, B]);
  });

  it('does not announce a VIP that it may not, or whose listener is refused, or that cannot be its address', async () => {
    site.plane.refusals.set('web', { code: 'data-plane-refused', message: 'no such protocol' });
    site.addresses.refused.add('192.0.2.12');
    await site.agent();
    announce(vip(A), vip(B, ['mail'], { barred: 'dns is on lb-2 alone' }), vip('192.0.2.12', ['other']));
    await writer.write(at(B, 'mail'), at('192.0.2.12', 'other'), at(A));
    expect((await untilTold(A, 'withdrawn'))?.why).toBe('no listener of it stands: web');
    expect((await untilTold(B, 'withdrawn'))?.why).toBe('dns is on lb-2 alone');
    expect((await untilTold('192.0.2.12', 'withdrawn'))?.why).toBe('it cannot be an address of lo: no room');
    expect(site.network.seen).toEqual([]);
  });

  it('drains: withdraws all, serves what still comes, and announces all again', async () => {
    await site.agent();
    announce(vip(A));
    await writer.write(at(A));
    await untilTold(A, 'announced');
    site.journal.length = 0;
    drain();
    await writer.write(at(A));
    expect((await untilTold(A, 'withdrawn'))?.why).toBe('the node is drained');
    expect(site.records.at(-1)?.drained).toBe(true);
    announce(vip(A));
    await writer.write(at(A));
    await untilTold(A, 'announced');
    expect(site.records.at(-1)).not.toHaveProperty('drained');
    expect(site.journal).toEqual([`withdraw ${A}`, `announce ${A}`]);
  });
});
