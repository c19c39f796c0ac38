import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type Changeset,
  type ConfigSinkSpec,
  formatTime,
  type Resource,
  SINK_API,
  type SinkState,
  SUBJECTS,
} from '@signalbox/contracts';
import { type EmbeddedServer } from '@signalbox/embedded';
import { Site, SocketServers, until } from '@signalbox/testing';
import { connect, type NatsConnection } from 'nats';
import { manifest, resource } from '../e2e/manifests.js';
import { OwnPostgres } from './own-postgres.js';

jest.setTimeout(600_000);

const NAMES = ['file', 'bucket', 'hook'] as const;
type Name = (typeof NAMES)[number];
/** Changes in an outage, and how often the server is killed meanwhile. */
const CHANGES = 12;
const KILLS = 3;

interface Shown {
  readonly state?: SinkState;
  readonly content?: { readonly generation: number; readonly digest: string };
  readonly applies: readonly { readonly version: number; readonly outcome: string }[];
}

/** A file, a bucket and a server have the same resource: what they get, in which order, is kept. */
describe('sinks whose servers go away', () => {
  let site: Site;
  let postgres: OwnPostgres;
  let servers: SocketServers;
  let gate: string;
  let reloads: string;
  const sent: number[] = [];
  let value = 0;

  beforeAll(async () => {
    servers = new SocketServers();
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        sent.push(Number(Buffer.concat(chunks).toString()));
        response.end();
      });
    });
    const url = `http://127.0.0.1:${await servers.listen(server)}/`;
    postgres = await OwnPostgres.start();
    site = await Site.start({ env: { DATABASE_URL: postgres.server.url } });
    const commands = join(site.stateDir, 'sink-commands');
    mkdirSync(commands, { mode: 0o755 });
    [gate, reloads] = [join(site.stateDir, 'gate'), join(site.stateDir, 'reloads')];
    const reload = join(commands, 'reload');
    writeFileSync(
      reload,
      `#!/bin/sh\ncat "$1" >>"${reloads}"\nwhile [ -e "${gate}" ]; do sleep 0.05; done\n`,
    );
    chmodSync(reload, 0o755);
    const template = '{{ byKind.Thing[0].spec.value }}\n';
    const file = {
      path: join(site.stateDir, 'sinks', 'thing'),
      reload: { argv: [reload, '{file}'], timeout: '5m' },
    };
    await site.apply(
      manifest(
        thing(),
        sink('file', { template, file }),
        sink('bucket', { natsKv: { bucket: 'things' } }),
        sink('hook', { template, webhook: { url } }),
      ),
    );
    await untilApplied();
  }, 600_000);

  afterAll(async () => {
    await site?.stop();
    await postgres?.stop();
    await servers?.close();
  }, 300_000);

  function sink(name: Name, target: Partial<ConfigSinkSpec>): Resource {
    return resource(SINK_API, 'ConfigSink', name, {
      ...{ minWait: '0s', maxWait: '0s', select: { kinds: ['Thing'] } },
      ...target,
    });
  }

  function thing(): Resource {
    return resource('example.net/v1', 'Thing', 'one', { value });
  }

  /** The next value, as soon as the site takes it. */
  async function change(): Promise<void> {
    value += 1;
    await until(`${value} to be applied`, async () => {
      const answer = await site.rest('POST', '/v1/apply', manifest(thing())).catch(() => undefined);
      return answer !== undefined && answer.status < 300;
    });
  }

  async function bucketValue(): Promise<number | undefined> {
    let nats: NatsConnection | undefined;
    try {
      nats = await connect({ servers: site.nats.url, timeout: 2000 });
      const kv = await nats.jetstream().views.kv('things', { bindOnly: true });
      const entry = await kv.get('example_net.v1.Thing.default.one');
      return entry ? (entry.json<Resource>().spec['value'] as number) : undefined;
    } finally {
      await nats?.close();
    }
  }

  const written = (): number[] => readFileSync(reloads, 'utf8').split('\n').filter(Boolean).map(Number);
  const describeSink = (name: Name): Promise<Shown> => site.json<Shown>('sink', 'describe', name);

  /** All three have the newest value, by themselves, and their records say so. */
  async function untilApplied(): Promise<void> {
    await until(`the file to have ${value}`, () => existsSync(reloads) && written().at(-1) === value);
    await until(`the server to have ${value}`, () => sent.at(-1) === value);
    await until(`the bucket to have ${value}`, async () => (await bucketValue().catch(() => NaN)) === value);
    for (const name of NAMES)
      await until(`the record of ${name} to be of ${value}`, async () => {
        const { state, content } = await describeSink(name).catch(() => ({
          state: undefined,
          content: undefined,
        }));
        const { body } = await site.rest<{ digest?: string }>('GET', `/v1/sinks/${name}/render`);
        return state === 'applied' && content !== undefined && content.digest === body.digest;
      });
  }

  /** Nobody got an older value after a newer one, and the records count without a gap. */
  async function isOrdered(): Promise<void> {
    for (const values of [written(), sent]) expect(values).toEqual([...values].sort((a, b) => a - b));
    for (const name of NAMES) {
      const versions = (await describeSink(name)).applies.map(({ version }) => version);
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => b - a));
    }
    await until('every table to be what its stream says', async () => (await site.differences()) === '');
  }

  async function kill(server: EmbeddedServer): Promise<void> {
    const pid = await until('the server', () => server.pid());
    process.kill(pid, 'SIGKILL');
    await until('another one in its place', () => ![undefined, pid].includes(server.pid()));
  }

  it.each([
    ['NATS', () => site.nats],
    ['Postgres', () => postgres.server],
  ])(
    'go on by themselves when %s is killed again and again while the config changes',
    async (_name, serverOf) => {
      for (let kills = 0; kills < KILLS; kills += 1) {
        const killed = kill(serverOf());
        for (let n = 0; n < CHANGES / KILLS; n += 1) await change();
        await killed;
      }
      await untilApplied();
      await isOrdered();
    },
  );

  it('make the record that NATS could not take before the process died, and reload nothing again', async () => {
    writeFileSync(gate, '');
    await change();
    await until('the reload', () => written().at(-1) === value);
    process.kill(site.nats.pid()!, 'SIGSTOP');
    rmSync(gate);
    // the last step of a file comes before its record
    const state = join(site.stateDir, 'sink-state', 'file.json');
    await until('the file to be done', () => readFileSync(state, 'utf8').includes('"phase":"done"'));
    const count = written().length;
    await site.kill();
    process.kill(site.nats.pid()!, 'SIGCONT');
    await site.up();
    await untilApplied();
    expect(written()).toHaveLength(count);
    await isOrdered();
  });

  it('start although both servers are away, and bring what changed meanwhile once these are back', async () => {
    await site.shutDown();
    value += 1;
    const changeset: Changeset = {
      ...{ author: 'ana', message: 'while nobody looked', at: formatTime(Date.now()) },
      changes: [{ op: 'put', resource: thing() }],
    };
    const nats = await connect({ servers: site.nats.url });
    await nats.jetstream().publish(SUBJECTS.resources, JSON.stringify(changeset));
    await nats.close();
    const pids = [site.nats.pid()!, postgres.server.pid()!];
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    const before = site.log.length;
    const ready = site.up();
    await until('the start to miss them', () => /waiting for (?:NATS|Postgres)/.test(site.log.slice(before)));
    expect(written().at(-1)).toBe(value - 1);
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    await ready;
    await untilApplied();
    await isOrdered();
  });
});
