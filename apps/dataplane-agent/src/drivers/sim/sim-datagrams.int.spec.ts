import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_TIMEOUTS, type NodeListener } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import type { DriverStage } from '../contract/driver-stage.fixture.js';
import { type DatagramClient, Datagrams, type NamedResponder } from '../named-datagrams.fixture.js';
import { simStage } from './sim-stage.fixture.js';

/** Short, for what is to end by itself. Milliseconds. */
const SHORT_MS = 40;

describe('datagrams through sim', () => {
  let stage: DriverStage;
  let datagrams: Datagrams;
  let servers: NamedResponder[];
  beforeEach(async () => {
    stage = await simStage();
    datagrams = new Datagrams();
    servers = await datagrams.start(['a', 'b', 'c']);
  });
  afterEach(async () => {
    await stage.close();
    await datagrams.close();
  });

  const listener = (changes: Partial<NodeListener> = {}): NodeListener =>
    stage.listener({ protocol: 'udp', port: 53, targets: stage.targets([], servers), ...changes });

  const standing = async (count: number): Promise<true | undefined> => {
    const { connections } = await stage.countersOf('web');
    return connections === count ? true : undefined;
  };

  it('a flow above the bound is refused, and taken when another has ended', async () => {
    const place = await stage.serve(listener({ connectionLimit: 2 }));
    await datagrams.flows(place, 2);
    const third = await datagrams.open(place);
    third.send();
    await until('it to be refused', async () => (await stage.countersOf('web')).refusedTotal === 1);
    expect(servers.reduce((sum, { heard }) => sum + heard, 0)).toBe(2);
    const serving = servers.find(({ heard }) => heard > 0);
    expect(await stage.flush(serving ?? { address: '', port: 0 })).toBe(1);
    expect(await third.ask()).toBeDefined();
    expect(await standing(2)).toBe(true);
  });

  it('a flow without a datagram for a while ends, and the next one begins another', async () => {
    const place = await stage.serve(listener({ timeouts: { ...DEFAULT_TIMEOUTS, targetMs: SHORT_MS } }));
    const [flow] = await datagrams.flows(place, 1);
    await until('the flow to end', () => standing(0));
    await flow?.client.ask();
    expect((await stage.countersOf('web')).connectionsTotal).toBe(2);
  });

  it('a flow to a port where nobody listens ends as an error of its target, and the client begins anew', async () => {
    const [dead] = servers;
    await dead?.stop();
    const place = await stage.serve(listener());
    const clients: DatagramClient[] = [];
    for (let opened = 0; opened < 3; opened += 1) clients.push(await datagrams.open(place));
    for (const client of clients) client.send();
    await until('the error to be counted', async () => {
      const { targets, connections } = await stage.countersOf('web');
      return connections === 2 && targets.find(({ port }) => port === dead?.port)?.errorsTotal === 1;
    });
    await until('the two others to answer', () => clients.filter(({ waiting }) => waiting > 0).length === 2);
  });

  it('standing flows are answered when their listener is gone, and new ones are not taken', async () => {
    const place = await stage.serve(listener());
    const [flow] = await datagrams.flows(place, 1);
    await stage.apply();
    const late = await datagrams.open(place);
    late.send();
    expect(await flow?.client.ask()).toBe(flow?.name);
    expect(late.waiting).toBe(0);
    expect(servers.reduce((sum, { heard }) => sum + heard, 0)).toBe(2);
  });

  it('a listener that comes back gets its place and new flows, beside those that stand', async () => {
    const before = await stage.serve(listener());
    const [flow] = await datagrams.flows(before, 1);
    await stage.apply();
    const place = await stage.serve(listener());
    expect(place).toEqual(before);
    expect(await flow?.client.ask()).toBe(flow?.name);
    await datagrams.flows(place, 2);
    expect(await standing(2)).toBe(true);
  });

  it('of two listeners that swap their ports the flows stay, and new ones follow the listener', async () => {
    const [one, other] = [await stage.freePlace(), await stage.freePlace()];
    const [a, b] = servers;
    if (!a || !b) throw new Error('three servers');
    const web = listener({ targets: stage.targets([100], [a]) });
    const mail = listener({ name: 'mail', targets: stage.targets([100], [b]) });
    await stage.serve({ ...web, listenAt: one }, { ...mail, listenAt: other });
    const [flow] = await datagrams.flows(one, 1);
    expect(flow?.name).toBe('a');
    await stage.serve({ ...web, listenAt: other }, { ...mail, listenAt: one });
    expect(await flow?.client.ask()).toBe('a');
    const [fresh] = await datagrams.flows(one, 1);
    expect(fresh?.name).toBe('b');
  });

  it('one listener of TCP and one of UDP have one address and port', async () => {
    const place = await stage.freePlace();
    await stage.serve(listener({ listenAt: place }), stage.listener({ name: 'tcp', listenAt: place }));
    const [flow] = await datagrams.flows(place, 1);
    expect(servers.map(({ name }) => name)).toContain(flow?.name);
    expect(await stage.traffic.tally(place, 3)).toEqual({ a: 1, b: 1, c: 1 });
  });
});
