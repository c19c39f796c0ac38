import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_TIMEOUTS, type NodeListener } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import type { DriverStage } from '../contract/driver-stage.fixture.js';
import { Peers, readToEnd } from './peers.fixture.js';
import type { Place } from '../place.js';
import { simStage } from './sim-stage.fixture.js';

/** What a server offers to a client that does not read. */
const OFFERED = 128 * 1_048_576;
/** More than the system keeps for two connections of which one is not read. */
const MOST_KEPT = OFFERED / 2;
const CHUNK = Buffer.alloc(65_536);

/** Short, for what is to end by itself. Milliseconds. */
const SHORT_MS = 40;

describe('connections through sim', () => {
  let stage: DriverStage;
  let peers: Peers;
  beforeEach(async () => {
    stage = await simStage();
    peers = new Peers();
  });
  afterEach(async () => {
    await stage.close();
    await peers.close();
  });

  const to = (place: Place, changes: Partial<NodeListener> = {}) =>
    stage.serve(stage.listener({ targets: stage.targets([100], [place]), ...changes }));

  it('hand on the end of a client, and what the server says after it', async () => {
    const server = await peers.listen((socket) => {
      void readToEnd(socket).then((text) => socket.end(`you said ${text}`));
    });
    const client = await peers.connect(await to(server));
    client.end('all of it');
    expect(await readToEnd(client)).toBe('you said all of it');
  });

  it('hand on the end of a server, and what the client says after it', async () => {
    let heard: Promise<string> | undefined;
    const server = await peers.listen((socket) => {
      socket.end('bye');
      heard = readToEnd(socket);
    });
    const client = await peers.connect(await to(server));
    expect(await readToEnd(client)).toBe('bye');
    client.end('not yet');
    expect(await until('the server to hear', () => heard)).toBe('not yet');
    await until('nothing to stand', async () => (await stage.countersOf('web')).connections === 0);
  });

  it('hand on a break as a break, so that half an answer is not taken for a whole one', async () => {
    const server = await peers.listen((socket) => {
      socket.write('half');
      socket.once('data', () => socket.resetAndDestroy());
    });
    const client = await peers.connect(await to(server));
    expect(String((await once(client, 'data'))[0])).toBe('half');
    client.write('go on');
    await expect(readToEnd(client)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('hand on the break of a client', async () => {
    let atServer: Socket | undefined;
    const server = await peers.listen((socket) => (atServer = socket));
    const client = await peers.connect(await to(server));
    const socket = await until('the server to be reached', () => atServer);
    client.resetAndDestroy();
    await until('the server to see it', () => socket.errored ?? socket.destroyed);
    await until('nothing to stand', async () => (await stage.countersOf('web')).connections === 0);
  });

  it('carry all bytes, both ways at once', async () => {
    const server = await peers.listen((socket) => socket.pipe(socket));
    const client = await peers.connect(await to(server));
    const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_none, index) => (index * 7) % 251));
    client.end(sent);
    const chunks: Buffer[] = [];
    for await (const chunk of client) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
    await until('bytes to be counted', async () => {
      const { bytesIn, bytesOut } = await stage.countersOf('web');
      return bytesIn === sent.length && bytesOut === sent.length;
    });
  });

  it('take no more from a server than a client reads', async () => {
    const sent = new Map<Socket, number>();
    const server = await peers.listen((socket) => {
      sent.set(socket, 0);
      offer(socket, (bytes) => sent.set(socket, bytes));
    });
    const place = await to(server);
    const silent = await peers.connect(place);
    await until('the first connection to be served', () => sent.size === 1);
    const [toSilent] = [...sent.keys()];

    // In the time in which another client gets all of it, one that does not read must not have cost it all.
    const reader = await peers.connect(place);
    reader.resume();
    await once(reader, 'end');
    expect(reader.bytesRead).toBe(OFFERED);
    expect(toSilent && sent.get(toSilent)).toBeLessThan(MOST_KEPT);
    expect((await stage.countersOf('web')).connections).toBeGreaterThan(0);

    silent.resume();
    await once(silent, 'end');
    expect(silent.bytesRead).toBe(OFFERED);
  });

  it('try another target when one does not answer a connect in time', async () => {
    const silence = await peers.silence();
    const [a] = stage.servers;
    if (!a) throw new Error('three servers');
    const place = await stage.serve(
      stage.listener({
        targets: stage.targets([100, 100], [silence, a]),
        timeouts: { ...DEFAULT_TIMEOUTS, connectMs: SHORT_MS },
      }),
    );
    expect(await stage.traffic.tally(place, 4)).toEqual({ a: 4 });
    const { targets } = await stage.countersOf('web');
    const failed = targets.find(({ port }) => port === silence.port);
    expect(failed).toMatchObject({ connectionsTotal: 0, connections: 0 });
    expect(failed?.errorsTotal).toBeGreaterThan(0);
  });

  it.each([
    ['all that it says', 'said early'],
    ['nothing but its end', ''],
  ])('hand on what a client said before a target answered: %s', async (_what, said) => {
    const [silence, server] = await Promise.all([
      peers.silence(),
      peers.listen((socket) => {
        void readToEnd(socket).then((text) => socket.end(`you said ${text}`));
      }),
    ]);
    const targets = stage.targets([100, 100], [silence, server]);
    const place = await stage.serve(
      stage.listener({ targets, timeouts: { ...DEFAULT_TIMEOUTS, connectMs: SHORT_MS } }),
    );
    const answers = [1, 2].map(async () => {
      const client = await peers.connect(place);
      client.end(said);
      return readToEnd(client);
    });
    expect(await Promise.all(answers)).toEqual([`you said ${said}`, `you said ${said}`]);
    const counted = (await stage.countersOf('web')).targets.find(({ port }) => port === silence.port);
    expect(counted?.errorsTotal).toBe(1);
  });

  it('are refused when two targets did not answer, and both failures are counted', async () => {
    await Promise.all(stage.servers.map((server) => server.stop()));
    const place = await stage.serve(stage.listener());
    expect(await stage.traffic.tally(place, 2)).toEqual({ nobody: 2 });
    const { refusedTotal, connections, targets } = await stage.countersOf('web');
    expect({ refusedTotal, connections }).toEqual({ refusedTotal: 2, connections: 0 });
    expect(targets.reduce((sum, { errorsTotal }) => sum + errorsTotal, 0)).toBe(4);
  });

  it.each(['clientMs', 'targetMs'] as const)('end when nothing was carried for %s', async (time) => {
    const timeouts = { ...DEFAULT_TIMEOUTS, [time]: SHORT_MS };
    const place = await stage.serve(stage.listener({ timeouts }));
    const client = await stage.traffic.connect(place);
    expect(await client.ask()).toBeDefined();
    await until('it to be ended', () => client.closed);
    await until('nothing to stand', async () => (await stage.countersOf('web')).connections === 0);
  });

  it('that end give back what they held, whoever ends first', async () => {
    const server = await peers.listen((socket) => socket.once('data', () => socket.end('bye')));
    const place = await to(server);
    for (let made = 0; made < 20; made += 1) {
      const client = await peers.connect(place);
      client.write('x');
      if (made % 2 === 0) client.destroy();
      else await readToEnd(client).then(() => client.end());
    }
    await until('nothing to stand', async () => {
      const { connections, targets } = await stage.countersOf('web');
      return connections === 0 && targets[0]?.connections === 0;
    });
  });
});

/** Sends OFFERED bytes as the socket takes them, and ends; tells how many it has handed over. */
function offer(socket: Socket, tell: (bytes: number) => void): void {
  let sent = 0;
  const more = (): void => {
    while (sent < OFFERED) {
      sent += CHUNK.length;
      tell(sent);
      if (!socket.write(CHUNK)) return void socket.once('drain', more);
    }
    socket.end();
  };
  more();
}
