import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { command } from '../e2e/balance-site.js';
import { manifest } from '../e2e/manifests.js';
import { SteadyClients } from '../e2e/steady-clients.js';
import {
  backendsOf,
  connectCheck,
  DRIVERS,
  HAPROXY_ENV,
  localNode,
  type Place,
  placeOf,
  serves,
  Traffic,
  webListener,
} from '../e2e/traffic.js';
import { KillableSite, type Victim } from './killable-site.js';

const AGENT = 'dataplane-agent';
const ALL = { a: 100, b: 100, c: 100 };
const CHECKED = { healthcheck: 'connect' };
/** Of a check that a busy machine does not fail: a server that is there shall stay so. */
const PATIENT = { interval: '300ms', timeout: '20s', fall: 3 };
/** Clients, and requests that are looked at after each restart. */
const [CLIENTS, AFTER_RESTART] = [2, 60];
const TEST_MS = 900_000;

describe.each(DRIVERS)('F17 restarts under traffic of a node with the driver %s', (driver) => {
  const traffic = new Traffic();
  let killable: KillableSite;
  let place: Place;
  let clients: SteadyClients;

  beforeAll(async () => {
    const servers = await traffic.start(Object.keys(ALL));
    killable = await KillableSite.start(HAPROXY_ENV);
    await killable.site.apply(
      manifest(
        await localNode(driver),
        connectCheck(PATIENT),
        ...backendsOf(servers, CHECKED),
        ...webListener({ a: {}, b: {}, c: {} }),
      ),
    );
    place = await serves(killable.site, 'web', ALL);
    clients = new SteadyClients(place, CLIENTS);
  }, TEST_MS);

  afterAll(async () => {
    await clients?.stop();
    await killable?.stop();
    await traffic.close();
  }, TEST_MS);

  /** What the agent counts since it started. */
  async function writes(): Promise<number> {
    const text = await (await fetch(`${killable.services.get(AGENT)}/metrics`)).text();
    return Number(/^signalbox_lb_writes_total\{node="local"\} (\d+)$/m.exec(text)?.[1]);
  }

  /** Ends them all at once; every service is ready again, the node is as it shall be, and clients were served all the time. */
  async function restart(victims: readonly Victim[], how?: (pid: number) => void): Promise<object> {
    await Promise.all(victims.map((victim) => killable.kill(victim, how)));
    await placeOf(killable.site, 'web');
    const served = await clients.next(AFTER_RESTART);
    return {
      after: victims.map(({ name }) => name),
      failed: clients.failed,
      served: Object.keys(served).sort(),
      writes: await writes(),
    };
  }

  function othersThanTheAgent(): Victim[] {
    const names = [...killable.services.keys()].filter((name) => name !== AGENT);
    return names.map((name) => killable.service(name));
  }

  it(
    'of every service but the agent, of NATS and of Postgres write nothing to the data plane and fail no request',
    async () => {
      const written = await writes();
      expect(written).toBeGreaterThan(0);
      for (const victim of [...othersThanTheAgent(), ...killable.servers])
        expect(await restart([victim])).toEqual(untouched([victim], written));
    },
    TEST_MS,
  );

  it(
    'in good order, of all of these services at once and then of both servers, neither',
    async () => {
      const written = await writes();
      const [services, { servers }] = [othersThanTheAgent(), killable];
      expect(await restart(services, ending('SIGTERM'))).toEqual(untouched(services, written));
      // as `pg_ctl stop` does: at SIGTERM Postgres waits until its clients have gone
      expect(await restart(servers, ending('SIGINT'))).toEqual(untouched(servers, written));
    },
    TEST_MS,
  );

  // sim is in the process of its agent, and ends with it
  if (driver === 'sim') return;
  it(
    'of the agent as well: what it finds serves on, it takes that over without a write, and goes on from there',
    async () => {
      const agent = [killable.service(AGENT)];
      expect(await restart(agent)).toEqual(untouched(agent, 0));
      await command(killable.site, 'b', 'disable');
      await serves(killable.site, 'web', { ...ALL, b: 0 });
      expect(Object.keys(await clients.next(AFTER_RESTART)).sort()).toEqual(['a', 'c']);
      expect(await writes()).toBeGreaterThan(0);
    },
    TEST_MS,
  );
});

/** No request failed, every server serves, and nothing was written since. */
function untouched(victims: readonly Victim[], writes: number): object {
  return { after: victims.map(({ name }) => name), failed: 0, served: Object.keys(ALL), writes };
}

function ending(signal: NodeJS.Signals): (pid: number) => void {
  return (pid) => void process.kill(pid, signal);
}
