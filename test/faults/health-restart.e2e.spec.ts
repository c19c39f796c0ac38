import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Site, until } from '@signalbox/testing';
import pg from 'pg';
import { seededRandom } from './seeded-random.js';

const BACKENDS = 200;
const FRONTENDS = 10;
const RESTARTS = 3;
/** Probes that every backend must have seen after a restart before it counts as verified. */
const VERIFIED_PROBES = 4;
const DISABLED = 'b007';

const names = Array.from({ length: BACKENDS }, (_one, n) => `b${String(n).padStart(3, '0')}`);

function addressOf(name: string): string {
  return `127.20.40.${Number(name.slice(1)) + 1}`;
}

/** One server behind all addresses of the loopback net; some of them answer 503, and every request is counted. */
class Farm {
  readonly failing = new Set<string>();
  private readonly seen = new Map<string, number>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async open(): Promise<Farm> {
    const server = createServer((request, response) => {
      const address = request.socket.localAddress ?? '';
      farm.seen.set(address, (farm.seen.get(address) ?? 0) + 1);
      response.statusCode = farm.failing.has(address) ? 503 : 200;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const farm = new Farm(server, (server.address() as AddressInfo).port);
    return farm;
  }

  forget(): void {
    this.seen.clear();
  }

  /** Whether all but the disabled backend were probed often enough since {@link forget}. */
  get hasProbedAll(): boolean {
    const probed = names.filter((name) => (this.seen.get(addressOf(name)) ?? 0) >= VERIFIED_PROBES);
    return probed.length === BACKENDS - 1 && !probed.includes(DISABLED);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function maglev(port: number): string {
  const backends = names.map((name) => `    ${name}: {address: ${addressOf(name)}, healthcheck: web}\n`);
  const frontends = Array.from({ length: FRONTENDS }, (_one, n) => {
    const members = names.filter((_name, index) => index % FRONTENDS === n);
    const half = members.length / 2;
    const pool = (list: readonly string[]): string => list.map((name) => `${name}: {}`).join(', ');
    return `    vip${n}:
      {address: 10.9.0.${n + 1}, protocol: tcp, port: 80, pools: [
        {name: primary, backends: {${pool(members.slice(0, half))}}},
        {name: fallback, backends: {${pool(members.slice(half))}}}]}\n`;
  });
  return `maglev:
  healthchecks:
    web: {type: http, port: ${port}, interval: 500ms, timeout: 20s, rise: 2, fall: 3}
  backends:
${backends.join('')}  frontends:
${frontends.join('')}`;
}

/** Emits facts as fast as they are answered, until it is stopped; whatever fails is the restart. */
function publish(site: Site): { stop(): Promise<number> } {
  let stopped = false;
  let accepted = 0;
  const done = (async () => {
    for (let n = 0; !stopped; n += 1) {
      const answer = await site
        .rest('POST', '/v1/groups/default/events', { type: 'load.seen', subject: `host-${n}` })
        .catch(() => undefined);
      if (answer?.status === 202) accepted += 1;
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await done;
      return accepted;
    },
  };
}

describe('a restart under load', () => {
  let farm: Farm;
  let site: Site;
  let client: pg.Client;

  beforeAll(async () => {
    farm = await Farm.open();
    site = await Site.start();
    client = new pg.Client({ connectionString: site.database.url });
    await client.connect();
  }, 300_000);

  afterAll(async () => {
    await client.end();
    await site.stop();
    await farm.close();
  });

  async function rows(sql: string): Promise<unknown[]> {
    return (await client.query(sql)).rows;
  }

  it(`R8 with ${BACKENDS} backends makes no transition that the network did not make, and changes no weight`, async () => {
    const random = seededRandom('health-restart');
    for (const name of names) if (random.next() < 0.15) farm.failing.add(addressOf(name));
    farm.failing.delete(addressOf('b000'));
    farm.failing.add(addressOf('b001'));
    await site.apply(maglev(farm.port));
    await site.rest('POST', `/v1/backends/${DISABLED}/disable`, { reason: 'before the crash' });
    const decided = `select 1 from backends where state in ('up', 'down', 'disabled')`;
    await until('every backend to be decided', async () => (await rows(decided)).length === BACKENDS, 60_000);
    farm.forget();
    await until('counters at their ends', () => farm.hasProbedAll, 60_000);
    const transitions = await rows('select * from backend_transitions order by backend, version');
    const frontends = await rows('select * from frontends order by name');
    const targets = await rows('select * from frontend_targets order by frontend, pool, backend');
    expect(targets).toHaveLength(BACKENDS);

    const load = publish(site);
    for (let n = 0; n < RESTARTS; n += 1) {
      await site.kill();
      farm.forget();
      await site.up();
      // what is shown right after the start, before any probe has come back
      expect(await rows('select * from frontend_targets order by frontend, pool, backend')).toEqual(targets);
      await until('every backend to be probed again', () => farm.hasProbedAll, 60_000);
    }
    expect(await load.stop()).toBeGreaterThan(0);

    expect(await rows('select * from backend_transitions order by backend, version')).toEqual(transitions);
    expect(await rows('select * from frontends order by name')).toEqual(frontends);
    expect(await rows('select * from frontend_targets order by frontend, pool, backend')).toEqual(targets);

    // and it still sees what the network does
    farm.failing.add(addressOf('b000'));
    farm.failing.delete(addressOf('b001'));
    await until('the changes that the network made', async () => {
      const states = await rows(
        `select name, state from backends where name in ('b000', 'b001') order by name`,
      );
      return JSON.stringify(states) === '[{"name":"b000","state":"down"},{"name":"b001","state":"up"}]';
    });
  }, 240_000);
});
