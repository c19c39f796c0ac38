import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Bus, WANTED_MS } from '@signalbox/bus';
import { SUBJECTS, type Watermark } from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { Watermarks } from './watermarks.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const WAIT_MS = 60_000;

describe('watermarks', () => {
  let directory: string;
  let server: EmbeddedServer;
  let bus: Bus;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-watermarks-'));
    server = await startNats({ env: process.env, stateDir: directory, log: () => undefined });
    bus = await Bus.connect({ url: server.url, name: 'test', log: silent });
  }, 300_000);

  afterAll(async () => {
    await bus.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it.each(['garbage', 'null', '', '{"service":"a"}', '{"seq":"1"}', '\u0000'])(
    'outlive a message that is none: %j',
    async (text) => {
      const marks = new Watermarks(bus);
      const mark: Watermark = { service: 'a', stream: 'S', seq: 7 };
      bus.connection.publish(SUBJECTS.watermark('a'), text);
      bus.tell(mark);
      expect(await marks.waitFor('a', 'S', 7, WAIT_MS)).toEqual(mark);
    },
  );

  it('that were told before somebody waited are told again', async () => {
    const mark: Watermark = { service: 'before', stream: 'S', seq: 7 };
    bus.tell(mark);
    await bus.connection.flush();
    const other = await Bus.connect({ url: server.url, name: 'other', log: silent });
    expect(await new Watermarks(other).waitFor('before', 'S', 7, WAIT_MS)).toEqual(mark);
    await other.close();
  });

  it('are told by a process that starts while somebody waits, or has waited a moment ago', async () => {
    const marks = new Watermarks(bus);
    const waited = marks.waitFor('late', 'S', 1, WAIT_MS);
    await bus.connection.flush();
    const late = await Bus.connect({ url: server.url, name: 'late', log: silent });
    late.tell({ service: 'late', stream: 'S', seq: 1 });
    expect(await waited).toMatchObject({ seq: 1 });
    await late.close();

    const later = await Bus.connect({ url: server.url, name: 'later', log: silent });
    const again = marks.waitFor('late', 'S', 2, WAIT_MS);
    later.tell({ service: 'late', stream: 'S', seq: 2 });
    expect(await again).toMatchObject({ seq: 2 });
    await later.close();
  });

  it('cost nothing when nobody waits', async () => {
    const told: string[] = [];
    bus.connection.subscribe('watermark.quiet', {
      callback: (_error, message) => void told.push(message.string()),
    });
    const quiet = await Bus.connect({ url: server.url, name: 'quiet', log: silent });
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'setInterval'] });
    try {
      quiet.tell({ service: 'quiet', stream: 'S', seq: 1 });
      jest.advanceTimersByTime(WANTED_MS);
      quiet.tell({ service: 'quiet', stream: 'S', seq: 2 });
    } finally {
      jest.useRealTimers();
    }
    await quiet.connection.flush();
    await bus.connection.flush();
    expect(told.map((text) => (JSON.parse(text) as Watermark).seq)).toEqual([1]);
    await quiet.close();
  });

  it('neither told nor asked for hurt a connection that drains, or has closed', async () => {
    const leaving = await Bus.connect({ url: server.url, name: 'leaving', log: silent });
    const before = new Watermarks(leaving);
    const unheard = before.waitFor('leaving', 'S', 1, 1);
    leaving.tell({ service: 'leaving', stream: 'S', seq: 0 });
    const drained = leaving.connection.drain();
    let isDrained = false;
    void drained.then(() => (isDrained = true));
    for (let seq = 1; !isDrained; seq++) {
      leaving.tell({ service: 'leaving', stream: 'S', seq });
      await expect(before.waitFor('nobody', 'S', 1, 1)).resolves.toBeUndefined();
      await expect(new Watermarks(leaving).waitFor('nobody', 'S', 1, 1)).resolves.toBeUndefined();
    }
    leaving.tell({ service: 'leaving', stream: 'S', seq: 1_000_000 });
    await expect(new Watermarks(leaving).waitFor('nobody', 'S', 1, 1)).resolves.toBeUndefined();
    await unheard;
  });
});
