import { describe, expect, it } from '@jest/globals';
import type { Bus, StreamContext } from '@signalbox/bus';
import { SystemClock } from '@signalbox/runtime';
import type { FactIntake, FactOffer } from './fact-intake.js';
import type { GroupDirectory } from './group-directory.js';
import { OffersController } from './offers.controller.js';

describe('a queued fact', () => {
  it('is taken when NATS answers again, after one question that it did not answer', async () => {
    const answers = [
      Promise.reject(new Error('TIMEOUT')),
      Promise.resolve({ created: '2026-01-01T00:00:00Z' }),
    ];
    const bus = { manager: { streams: { info: () => answers.shift() } } } as unknown as Bus;
    const offers: FactOffer[] = [];
    const intake = { submit: (offer: FactOffer) => Promise.resolve(offers.push(offer)) };
    const controller = new OffersController(
      intake as unknown as FactIntake,
      { nodeNameOf: () => 'node' } as unknown as GroupDirectory,
      new SystemClock(),
      bus,
    );
    const info = { streamSequence: 1, timestampNanos: 0 };
    const context = { message: { subject: 'events.default.seen', info } } as unknown as StreamContext;
    const queued = (): Promise<void> => controller.queued(Buffer.from('{}'), context);

    await expect(queued()).rejects.toThrow('TIMEOUT');
    await queued();
    await queued(); // asked for once: a third answer is not there
    expect(offers.map(({ group, way }) => [group, way])).toEqual([
      ['default', 'pub'],
      ['default', 'pub'],
    ]);
    expect(offers[0]?.defaults.id).toMatch(/^evt-[0-9a-f]{16}$/);
  });
});
