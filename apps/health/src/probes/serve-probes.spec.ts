import { PassThrough } from 'node:stream';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LocalProber } from './local-prober.js';
import type { ProberAnswer, ProberRequest } from './prober-messages.js';
import { serveProbes } from './serve-probes.js';
import { result, Servers, target } from './servers.fixture.js';

const servers = new Servers();
afterEach(() => servers.close());

function start() {
  const input = new PassThrough();
  const output = new PassThrough();
  const ended = serveProbes(new LocalProber(), input, output).then(() => output.end());
  const lines = createInterface({ input: output })[Symbol.asyncIterator]();
  return {
    ended,
    end: () => input.end(),
    ask: (request: ProberRequest) => input.write(`${JSON.stringify(request)}\n`),
    answer: async () => {
      const { value, done } = await lines.next();
      return done ? undefined : (JSON.parse(value as string) as ProberAnswer);
    },
  };
}

describe('serveProbes', () => {
  it('answers each probe by its id, as soon as it is made', async () => {
    const prober = start();
    const silent = await servers.says('');
    const open = await servers.tcp(() => undefined);
    prober.ask({ id: 1, target: target('http', silent) });
    prober.ask({ id: 2, target: target('tcp', open) });
    expect(await prober.answer()).toEqual({ id: 2, result: result('L4OK') });
    prober.ask({ id: 3, target: target('tcp', await servers.closedPort()) });
    expect(await prober.answer()).toEqual({ id: 3, result: result('L4CON') });
  });

  it('cancels a probe without an answer', async () => {
    const prober = start();
    const port = await servers.tcp((socket) => socket.once('data', () => prober.ask({ cancel: 1 })));
    prober.ask({ cancel: 7 });
    prober.ask({ id: 1, target: target('http', port) });
    await servers.allClosed(1);
    prober.end();
    expect(await prober.answer()).toBeUndefined();
  });

  it('ends with its input, and so do the probes in work', async () => {
    const prober = start();
    const port = await servers.tcp((socket) => socket.once('data', () => prober.end()));
    prober.ask({ id: 1, target: target('http', port) });
    await prober.ended;
    await servers.allClosed(1);
    expect(await prober.answer()).toBeUndefined();
  });
});
