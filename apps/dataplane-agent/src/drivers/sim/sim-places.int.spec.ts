import { afterEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_TIMEOUTS, type NodeListener } from '@signalbox/contracts';
import { type DriverStage, PATIENT } from '../contract/driver-stage.fixture.js';
import { ProcessPortMemory } from '../port-memory.js';
import { simStage } from './sim-stage.fixture.js';

describe('where sim listens', () => {
  const stages: DriverStage[] = [];
  const open = async (...options: Parameters<typeof simStage>): Promise<DriverStage> => {
    const stage = await simStage(...options);
    stages.push(stage);
    return stage;
  };
  afterEach(async () => {
    await Promise.all(stages.splice(0).map((stage) => stage.close()));
  });

  it('a listener that names no port has the same one when it comes back', async () => {
    const stage = await open();
    const before = await stage.serve(stage.listener());
    await stage.apply();
    expect(await stage.serve(stage.listener())).toEqual(before);
  });

  it('a listener that names no port has the same one in the next process', async () => {
    const ports = new ProcessPortMemory();
    const first = await open({ ports });
    const before = await first.serve(first.listener());
    expect(ports.get('web')).toBe(before.port);
    await first.driver.close();
    const second = await open({ ports });
    expect(await second.serve(second.listener())).toEqual(before);
  });

  it('a listener whose port another program has by now gets another one, and keeps that', async () => {
    const ports = new ProcessPortMemory();
    const stage = await open({ ports });
    const [busy] = stage.servers;
    ports.set('web', busy?.port ?? 0);
    const place = await stage.serve(stage.listener());
    expect(place.port).not.toBe(busy?.port);
    expect(ports.get('web')).toBe(place.port);
  });

  it('a change of targets, weights and limits leaves the listening socket alone', async () => {
    const stage = await open();
    const place = await stage.serve(stage.listener());
    const changed = stage.listener({ targets: stage.targets([1, 2]).slice(0, 2), connectionLimit: 9 });
    const during = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const applied = stage.serve(turn % 2 === 0 ? changed : stage.listener());
      during.push(await stage.traffic.ask(place));
      expect(await applied).toEqual(place);
    }
    expect(during).not.toContain(undefined);
  });

  it('an address that this machine does not have is refused with what to do', async () => {
    const stage = await open();
    const result = await stage.apply(stage.listener({ listenAt: undefined }));
    expect(result.listeners).toEqual([
      {
        name: 'web',
        state: 'refused',
        error: {
          code: 'listen-failed',
          message: expect.stringMatching(/192\.0\.2\.10 port 80: .* name one that it has in listenAt/),
        },
      },
    ]);
  });

  it('a listener that becomes UDP leaves its TCP connections to their end', async () => {
    const stage = await open();
    const place = await stage.serve(stage.listener());
    const client = await stage.traffic.connect(place);
    const name = await client.ask();
    await stage.serve(stage.listener({ protocol: 'udp' }));
    expect(await client.ask()).toBe(name);
    expect(await stage.traffic.isOpen(place)).toBe(false);
    expect((await stage.driver.observe(PATIENT)).map(({ protocol }) => protocol)).toEqual(['udp']);
  });

  it('1,000 listeners with 20 targets each: no change, 0 writes; one weight, 1 write', async () => {
    const stage = await open();
    const listeners = Array.from({ length: 1_000 }, (_none, index) => wide(index, 100));
    expect((await stage.apply(...listeners)).writes).toBe(1_000);
    const same = Array.from({ length: 1_000 }, (_none, index) => wide(index, 100));
    expect((await stage.apply(...same)).writes).toBe(0);
    const changed = same.map((listener, index) => (index === 500 ? wide(index, 50) : listener));
    expect((await stage.apply(...changed)).writes).toBe(1);
  });
});

/** A listener with 20 targets, of which the first has the weight. */
function wide(index: number, weight: number): NodeListener {
  return {
    name: `web${index}`,
    address: '192.0.2.10',
    protocol: 'tcp',
    port: 1_024 + index,
    listenAt: { address: '127.0.0.1' },
    algorithm: 'round-robin',
    timeouts: DEFAULT_TIMEOUTS,
    targets: Array.from({ length: 20 }, (_none, target) => ({
      address: `198.51.100.${target + 1}`,
      port: 80,
      weight: target === 0 ? weight : 100,
      flushes: 0,
    })),
  };
}
