import { readFile, rm, writeFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import type { NodeListener } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import { listenerOf, PATIENT, placeOf } from '../contract/driver-stage.fixture.js';
import type { LineClient, Place } from '../named-servers.fixture.js';
import { ConfigFile } from './config-file.js';
import { configText } from './config-text.js';
import { Expiry } from './expiry.js';
import { HAPROXY, HaproxyStand } from './haproxy.fixture.js';
import { describeHaproxy, type HaproxyStage } from './haproxy-stage.fixture.js';
import { placeListener } from './placed-listener.js';

/** Reference load-balancing section 2: a reload under load. */
const REQUESTS = 10_000;
const CLIENTS = 8;
const LEAST_RELOADS = 8;

describeHaproxy('a reload of HAProxy', (given) => {
  it('under load: 0 of 10,000 requests fail over at least 8 reloads, and a connection that stands goes on', async () => {
    const { stage, stand } = given();
    const place = await stage.serve(stage.listener());
    const standing = await stage.traffic.connect(place);
    const name = await standing.ask();
    let [asked, failed] = [0, 0];
    let reloaded = 0;
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (asked < REQUESTS || reloaded < LEAST_RELOADS) {
        asked += 1;
        if ((await stage.traffic.ask(place).catch(() => undefined)) === undefined) failed += 1;
      }
    });
    const reloads = (async () => {
      while (reloaded < LEAST_RELOADS || asked < REQUESTS) {
        await stage.serve(stage.listener(), stage.listener({ name: `mail-${reloaded}` }));
        reloaded += 1;
      }
    })();
    await Promise.all([...clients, reloads]);
    expect(failed).toBe(0);
    expect(asked).toBeGreaterThanOrEqual(REQUESTS);
    expect((await stand.processes()).reloads).toBe(reloaded);
    expect(await standing.ask()).toBe(name);
  });

  it('keeps weights and targets that were changed at run time: the file had them first', async () => {
    const { stage, stand } = given();
    await stage.serve(stage.listener({ targets: stage.targets([100, 100], stage.servers.slice(0, 2)) }));
    const web = stage.listener({ targets: stage.targets([37, 0, 63]) });
    await stage.serve(web);
    const before = await stage.driver.observe(PATIENT);
    const { reloads } = await stand.processes();
    expect(reloads).toBe(0);
    await stand.control.reload(new Expiry(PATIENT));
    expect(await stage.driver.observe(PATIENT)).toEqual(before);
    expect((await stage.apply(web)).writes).toBe(0);
  });

  it('of a bad file is refused before, and the old worker goes on', async () => {
    const { stage, stand } = given();
    const place = await stage.serve(stage.listener());
    const file = new ConfigFile(stand.settings.configFile, HAPROXY ?? '');
    const good = await readFile(file.path, 'utf8');
    const bad = good.replace('mode tcp', 'mode carrier-pigeon');
    await expect(file.check(bad, new Expiry(PATIENT))).rejects.toMatchObject({
      code: 'data-plane-refused',
      message: expect.stringContaining('carrier-pigeon'),
    });
    expect(await readFile(file.path, 'utf8')).toBe(good);

    await file.replace(bad);
    expect(await stand.control.reload(new Expiry(PATIENT))).toBe(false);
    expect(await stage.traffic.tally(place, 3)).toEqual({ a: 1, b: 1, c: 1 });
    expect((await stage.apply(stage.listener())).writes).toBe(1);
    expect(await readFile(file.path, 'utf8')).toBe(good);
    await stage.serve(stage.listener(), stage.listener({ name: 'mail' }));
  });

  it('shares no port with another program, even with one that shares it', async () => {
    const { stage } = given();
    const other = await HaproxyStand.open();
    try {
      const place = await stage.freePlace();
      const desired = { node: 'n2', generation: 1, listeners: [stage.listener({ listenAt: place })] };
      await other.driver.apply(desired, PATIENT);
      const result = await stage.apply(stage.listener({ listenAt: place }), stage.listener({ name: 'mail' }));
      expect(listenerOf(result, 'web')).toMatchObject({ error: { code: 'listen-failed' } });
      expect(listenerOf(result, 'mail').state).toBe('applied');
    } finally {
      await other.end();
    }
  });

  it('lets a listener at one address stand beside one at all of them', async () => {
    const { stage } = given();
    const { port } = await stage.freePlace();
    const [a, b] = [
      stage.targets([1], stage.servers.slice(0, 1)),
      stage.targets([1], stage.servers.slice(1, 2)),
    ];
    const all = stage.listener({ name: 'all', listenAt: { address: '0.0.0.0', port }, targets: a });
    const one = stage.listener({ name: 'one', listenAt: { address: '127.0.0.9', port }, targets: b });
    await stage.serve(all);
    await stage.serve(all, one);
    expect(await stage.traffic.tally({ address: '127.0.0.1', port }, 2)).toEqual({ a: 2 });
    expect(await stage.traffic.tally({ address: '127.0.0.9', port }, 2)).toEqual({ b: 2 });
  });

  it('that does not get a port is taken back, and what could not be tried is refused', async () => {
    const { stage, stand } = given();
    const web = stage.listener({ listenAt: await stage.freePlace() });
    const place = await stage.serve(web);
    const [busy] = stage.servers;
    const mail = stage.listener({ name: 'mail', listenAt: { address: '127.0.0.1', port: busy?.port } });
    // without the file that it runs, nobody knows which ports HAProxy has itself
    await rm(stand.settings.configFile);
    await rm(`${stand.settings.configFile}.before`, { force: true });
    const lost = await stage.apply(web, mail);
    expect(lost.listeners.map(({ state }) => state)).toEqual(['refused', 'refused']);
    const found = await stage.apply(web, mail);
    expect(listenerOf(found, 'mail')).toMatchObject({ error: { code: 'listen-failed' } });
    expect(placeOf(listenerOf(found, 'web'))).toEqual(place);
    expect(await stage.traffic.tally(place, 3)).toEqual({ a: 1, b: 1, c: 1 });
  });

  it('that an agent did not live to make is made by the next, which knows what stands', async () => {
    const { stage, stand } = given();
    const place = await stage.serve(stage.listener());
    const before = await stage.driver.observe(PATIENT);
    const file = new ConfigFile(stand.settings.configFile, HAPROXY ?? '');
    await file.keepBefore(await readFile(file.path, 'utf8'));
    const settings = { ...stand.settings, certificates: '/none' };
    const wanted = configText([placeListener(stage.listener({ name: 'other' }), place)], settings);
    await file.replace(wanted.text);

    const next = await stand.again();
    expect(await next.observe(PATIENT)).toEqual(before);
    const [busy] = stage.servers;
    const moved = stage.listener({ listenAt: { address: '127.0.0.1', port: busy?.port } });
    const desired = { node: 'n1', generation: 2, listeners: [moved, stage.listener({ name: 'xyz' })] };
    const result = await next.apply(desired, PATIENT);
    expect(result.listeners.map(({ state }) => state)).toEqual(['refused', 'applied']);
    expect((await next.observe(PATIENT))[0]).toEqual(before[0]);
  });

  it('leaves counters that only grow, and connections of old workers are counted and can be cut', async () => {
    const { stage, stand } = given();
    const place = await stage.serve(stage.listener());
    const standing: LineClient[] = [];
    for (let opened = 0; opened < 3; opened += 1) standing.push(await stage.traffic.connect(place));
    const names = await Promise.all(standing.map((client) => client.ask()));
    const totals = await reloadThrice(given(), place);
    expect(totals).toEqual([6, 9, 12]);
    expect((await stand.processes()).oldWorkers).toHaveLength(1);
    expect(await stage.countersOf('web')).toMatchObject({ connections: 3 });

    const [a] = stage.servers;
    if (!a) throw new Error('three servers');
    expect(await stage.flush(a)).toBe(1);
    await until('it to be cut', () => standing[names.indexOf('a')]?.closed);
    expect(standing.filter(({ closed }) => closed)).toHaveLength(1);
    await Promise.all(standing.map((client) => client.end()));
    await until('the old worker to end', async () => (await stand.processes()).oldWorkers.length === 0);
    expect(await stage.countersOf('web')).toMatchObject({ connections: 0, connectionsTotal: 12 });
  });

  it('leaves a file of somebody else alone', async () => {
    const { stage, stand } = given();
    const theirs = 'global\n  maxconn 7\n';
    await writeFile(stand.settings.configFile, theirs);
    await expect(stage.apply(stage.listener())).rejects.toMatchObject({
      code: 'data-plane-unavailable',
      message: expect.stringContaining('not written by Signalbox'),
    });
    expect(await readFile(stand.settings.configFile, 'utf8')).toBe(theirs);
  });
});

/** Three connections and a reload, three times; how many connections were counted each time. */
async function reloadThrice({ stage }: HaproxyStage, place: Place): Promise<number[]> {
  const totals: number[] = [];
  const others: readonly Partial<NodeListener>[] = [{ name: 'mail' }, { name: 'news' }, { name: 'talk' }];
  for (const [index, other] of others.entries()) {
    await stage.traffic.tally(place, 3);
    await until('three more to be counted', async () => {
      const { connectionsTotal, connections } = await stage.countersOf('web');
      return connections === 3 && connectionsTotal === 6 + 3 * index;
    });
    await stage.serve(stage.listener(), stage.listener(other));
    totals.push((await stage.countersOf('web')).connectionsTotal);
  }
  return totals;
}
