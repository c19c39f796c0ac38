import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Site, until } from '@signalbox/testing';
import { backend, webCheck } from '../e2e/balance-site.js';
import { manifest } from '../e2e/manifests.js';
import { SteadyClients } from '../e2e/steady-clients.js';
import {
  effectiveOf,
  findListener,
  localNode,
  type NamedServer,
  nodeMetric,
  serves,
  Traffic,
  webListener,
} from '../e2e/traffic.js';
import { type WebAnswer, WebServers } from '../e2e/web-servers.js';
import { seededRandom } from './seeded-random.js';

/** More than the number from which on a failure of most of them at once is held. */
const CHECKED = 12;
/** Answers of a check before its row begins again, and changes of weights that are to be seen. */
const [ANSWERS, CHANGES] = [16, 30];
const REQUESTS = 200;
const FINE: WebAnswer = { status: 200, body: 'fine\n' };
const BROKEN: WebAnswer = { status: 503, body: 'broken\n' };
const TEST_MS = 300_000;

const addresses = Array.from({ length: CHECKED }, (_none, n) => `127.77.1.${n + 1}`);
const names = addresses.map((_address, n) => `s${n}`);

describe('F16 flapping and mass failure of checks under traffic', () => {
  const random = seededRandom('traffic-flapping');
  const traffic = new Traffic();
  let checks: WebServers;
  let site: Site;
  let clients: SteadyClients;

  beforeAll(async () => {
    const servers: NamedServer[] = [];
    for (const [n, address] of addresses.entries())
      servers.push(...(await traffic.start([names[n]!], address)));
    const [steady] = (await traffic.start(['steady'])) as [NamedServer];
    checks = await WebServers.start(...addresses);
    site = await Site.start();
    await site.apply(
      manifest(
        await localNode('sim'),
        webCheck(checks.port),
        ...servers.map(({ name, address, port }) => backend(name, address, { port, healthcheck: 'web' })),
        backend('steady', steady.address, { port: steady.port }),
        // servers are well all the time: what is cut would be a failure that only the balancer makes
        ...webListener(membersOf([...names, 'steady']), { listener: { flushOnDown: false } }),
      ),
    );
    clients = new SteadyClients(await serves(site, 'web', weightsOf(100)), 2);
  }, TEST_MS);

  afterAll(async () => {
    await clients?.stop();
    await site?.stop();
    await checks?.stop();
    await traffic.close();
  }, TEST_MS);

  function say(answersOf: () => readonly WebAnswer[]): void {
    for (const address of addresses) checks.at(address).say(...answersOf());
  }

  /** Every server is well, gets its weight, and carries. */
  async function allCarry(): Promise<void> {
    say(() => [FINE]);
    await serves(site, 'web', weightsOf(100));
    expect(Object.keys(await clients.next(REQUESTS)).sort()).toEqual([...names, 'steady'].sort());
  }

  it(
    'flapping changes weights all the time and fails no request',
    async () => {
      const before = await nodeMetric(site, 'signalbox_lb_writes_total');
      say(() => Array.from({ length: ANSWERS }, () => (random.next() < 0.5 ? FINE : BROKEN)));
      await until(
        'weights to have changed often',
        async () => (await nodeMetric(site, 'signalbox_lb_writes_total')) >= before + CHANGES,
      );
      expect(clients.failed).toBe(0);
      await allCarry();
      expect(clients.failed).toBe(0);
    },
    TEST_MS,
  );

  it(
    'a failure of nearly all at once leaves the traffic to who is left, and fails no request',
    async () => {
      say(() => [BROKEN]);
      await serves(site, 'web', weightsOf(0));
      expect(await clients.next(REQUESTS)).toEqual({ steady: REQUESTS });
      expect(effectiveOf(await findListener(site, 'web'))).toMatchObject({ steady: 100 });
      await allCarry();
      expect(clients.failed).toBe(0);
    },
    TEST_MS,
  );
});

function membersOf(all: readonly string[]): Record<string, object> {
  return Object.fromEntries(all.map((name) => [name, {}]));
}

/** Weight of those that are checked; who is not has its own. */
function weightsOf(checked: number): Record<string, number> {
  return { ...Object.fromEntries(names.map((name) => [name, checked])), steady: 100 };
}
