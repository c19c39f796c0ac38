import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus } from '@signalbox/bus';
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
    server = await startNats({ stateDir: directory, log: () => undefined });
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
});
