import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus } from '@signalbox/bus';
import { freePort } from '@signalbox/embedded';
import { isUnavailable } from '@signalbox/store';
import { NatsProcess, until } from '@signalbox/testing';
import { nanos } from 'nats';
import type { Log } from './log.js';
import { prepareStreams } from './site-streams.js';

describe('streams in a cluster of three', () => {
  let dir: string;
  const nodes: NatsProcess[] = [];
  const lines: Record<string, unknown>[] = [];
  const say = (fields: object, message: string): void => void lines.push({ ...fields, message });
  const log = { info: say, warn: say, error: say } as unknown as Log;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signalbox-cluster-'));
    const routes = [await freePort(), await freePort(), await freePort()];
    const peers = routes.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
    for (const [n, port] of routes.entries())
      nodes.push(
        await NatsProcess.prepare(join(dir, `n${n}`), [
          `server_name: n${n}`,
          `cluster { name: site, listen: "127.0.0.1:${port}", routes: [${peers}] }`,
        ]),
      );
    for (const node of nodes) node.spawn();
  }, 60_000);

  afterAll(async () => {
    for (const node of nodes) await node.kill();
    await rm(dir, { recursive: true, force: true });
  });

  /** A start of our process. */
  function connect(): Promise<Bus> {
    return Bus.connect({ url: nodes.map(({ url }) => url).join(','), name: 'api', log });
  }

  it('X22 a restart leaves the copies that an operator raised, and says what it brought back', async () => {
    const first = await connect();
    await prepareStreams(first, ['api'], {}, log);
    await until('three copies', () => first.manager.streams.update('ACTIVITY', { num_replicas: 3 }), 60_000);
    const operators = { duplicate_window: nanos(1000), description: 'ours' };
    await until('a change', () => first.manager.streams.update('ACTIVITY', operators), 60_000);
    await first.close();
    lines.length = 0;

    const second = await connect();
    await prepareStreams(second, ['api'], {}, log);
    const { config } = await until('the stream', () => second.manager.streams.info('ACTIVITY'), 60_000);
    expect(config).toMatchObject({ num_replicas: 3, duplicate_window: nanos(120_000), description: 'ours' });
    expect(lines.filter(({ stream }) => stream !== undefined)).toEqual([
      {
        stream: 'ACTIVITY',
        field: 'duplicate_window',
        from: nanos(1000),
        to: nanos(120_000),
        message: 'a setting of a stream was brought back',
      },
    ]);
    await second.close();
  }, 180_000);

  it('X22 a stream whose nodes are away is a matter of NATS, and is waited for', async () => {
    const asking = await connect();
    const leader = await until(
      'a leader',
      async () => (await asking.manager.streams.info('ACTIVITY')).cluster?.leader,
    );
    await asking.close();
    expect(leader).toMatch(/^n\d$/);
    // one that led could go on answering for as long as it does not miss the others
    const stays = nodes.findIndex((_node, n) => `n${n}` !== leader);
    const bus = await Bus.connect({ url: nodes[stays]!.url, name: 'api', log });
    lines.length = 0;
    const away = nodes.filter((_node, n) => n !== stays);
    for (const node of away) await node.kill();
    const failure = await until('the stream to be out of reach', () =>
      bus.manager.streams.info('ACTIVITY').then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    expect(isUnavailable(failure)).toBe(false);
    const waiting = prepareStreams(bus, ['api'], {}, log);
    await until('the wait to be told', () =>
      lines.find(({ message }) => message === 'a stream cannot be reached, trying again'),
    );
    for (const node of away) node.spawn();
    await waiting;
    expect(JSON.stringify(lines)).not.toContain('Postgres');
    await bus.close();
  }, 180_000);
});
