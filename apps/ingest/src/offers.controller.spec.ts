import { describe, expect, it } from '@jest/globals';
import type { Bus, StreamContext } from '@signalbox/bus';
import { SystemClock } from '@signalbox/runtime';
import { parseOfferSubject } from './domain/local-offer.js';
import type { FactIntake, FactOffer } from './fact-intake.js';
import type { GroupDirectory } from './group-directory.js';
import { OffersController } from './offers.controller.js';

describe('parseOfferSubject', () => {
  it('reads group and type', () => {
    for (const way of ['events', 'emit'])
      expect(parseOfferSubject(`${way}.default.client.seen`)).toEqual({
        group: 'default',
        type: 'client.seen',
      });
  });

  const tokens = Array(17).fill('a').join('.');
  it.each([
    ['emit.default', 'has no type: write emit.<group>.<type>, for example emit.default.client.seen'],
    ['events.default', 'has no type: write events.<group>.<type>, for example events.default.client.seen'],
    [`emit.default.${tokens}`, 'has a type of 17 tokens, at most 16 are allowed: write emit.<group>.<type>'],
    [`events.g.${'x'.repeat(201)}`, 'has a type of 201 characters, at most 200 are allowed: write events.'],
    ['emit.default.a..b', 'has a type with a token that is empty or holds more than letters, digits'],
    ['emit.default.ä', 'has a type with a token that is empty or holds more than letters, digits'],
  ])('X28 says of %s what is wrong and which form its way has', (subject, message) => {
    expect(() => parseOfferSubject(subject)).toThrow(
      expect.objectContaining({
        code: 'bad-grammar',
        message: expect.stringContaining(`the subject ${subject.slice(0, 200)}`),
      }),
    );
    expect(() => parseOfferSubject(subject)).toThrow(message);
  });
});

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
