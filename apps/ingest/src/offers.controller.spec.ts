import { describe, expect, it } from '@jest/globals';
import { type Bus, MessageBatch } from '@signalbox/bus';
import { CodedError } from '@signalbox/contracts';
import { SystemClock } from '@signalbox/runtime';
import { until } from '@signalbox/testing';
import { parseOfferSubject } from './domain/local-offer.js';
import type { JsMsg, Msg } from 'nats';
import type { FactAnswer, FactIntake, FactOffer, IntakeResult } from './fact-intake.js';
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

/** A controller, what it offered with who waits for it, and what became of the messages of a batch. */
function world(infoOfIntake: () => Promise<unknown> = () => Promise.resolve({ created: T })) {
  const offers: { offer: FactOffer; answer: FactAnswer }[] = [];
  const intake = { offer: (offer: FactOffer, answer: FactAnswer) => void offers.push({ offer, answer }) };
  const controller = new OffersController(
    intake as unknown as FactIntake,
    { nodeNameOf: () => 'node' } as unknown as GroupDirectory,
    new SystemClock(),
    { manager: { streams: { info: infoOfIntake } } } as unknown as Bus,
  );
  const ends: [subject: string, end: unknown][] = [];
  const batchOf = <M extends { subject: string }>(messages: readonly M[]): MessageBatch<M> =>
    new MessageBatch(messages, {
      handled: ({ subject }, body) => void ends.push([subject, body]),
      failed: ({ subject }, error) => void ends.push([subject, (error as { code?: string }).code ?? error]),
    });
  return { controller, offers, ends, batchOf };
}

const T = '2026-01-01T00:00:00Z';
const accepted = (id: string): IntakeResult => ({
  ...{ accepted: true, id, duplicate: false, refreshed: false, seq: 1 },
});

describe('facts of requests that came together', () => {
  const request = (subject: string, body: string): Msg =>
    ({ subject, data: Buffer.from(body) }) as unknown as Msg;

  it('are offered in their order in one step, and each is answered when its own answer is there', async () => {
    const { controller, offers, ends, batchOf } = world();
    const batch = batchOf(['a', 'b', 'c'].map((type) => request(`emit.default.${type}`, '{}')));
    const work = controller.emit(batch);
    expect(offers.map(({ offer }) => offer.defaults.type)).toEqual(['a', 'b', 'c']);
    expect(new Set(offers.map(({ offer }) => offer.defaults.id)).size).toBe(3);
    expect(offers[0]?.offer).toMatchObject({ group: 'default', way: 'request', body: {} });
    offers[2]?.answer.accepted(accepted('third'));
    offers[0]?.answer.refused(new CodedError('not-ready', 'later'));
    expect(ends).toEqual([
      ['emit.default.c', accepted('third')],
      ['emit.default.a', 'not-ready'],
    ]);
    offers[1]?.answer.accepted(accepted('second'));
    await work;
    expect(ends[2]).toEqual(['emit.default.b', accepted('second')]);
  });

  it('do not suffer from one that cannot be read', async () => {
    const { controller, offers, ends, batchOf } = world();
    const work = controller.emit(
      batchOf([
        request('emit.default.bad', '{'),
        request('emit.default', '{}'),
        request('emit.default.good', '{}'),
      ]),
    );
    expect(ends).toEqual([
      ['emit.default.bad', 'bad-json'],
      ['emit.default', 'bad-grammar'],
    ]);
    expect(offers).toHaveLength(1);
    offers[0]?.answer.accepted(accepted('good'));
    await work;
    expect(ends[2]).toEqual(['emit.default.good', accepted('good')]);
  });
});

describe('queued facts', () => {
  const queued = (seq: number, body = '{}'): JsMsg =>
    ({
      ...{ subject: `events.default.seen${seq}`, data: Buffer.from(body) },
      info: { streamSequence: seq, timestampNanos: Date.parse(T) * 1e6 },
    }) as unknown as JsMsg;

  it('have an id and a time that a redelivery has as well', async () => {
    const { controller, offers, batchOf } = world();
    for (const seqs of [[1, 2], [2]]) void controller.queued(batchOf(seqs.map((seq) => queued(seq))));
    await until('all to be offered', () => offers.length === 3);
    const [first, second, again] = offers.map(({ offer }) => offer.defaults);
    expect(first?.id).toMatch(/^evt-[0-9a-f]{16}$/);
    expect(second?.id).not.toBe(first?.id);
    expect(again).toEqual(second);
    expect(again?.observedAt).toBe('2026-01-01T00:00:00.000Z');
  });

  it('are taken when NATS answers again, after one question that it did not answer', async () => {
    const answers = [Promise.reject(new Error('TIMEOUT')), Promise.resolve({ created: T })];
    const { controller, offers, ends, batchOf } = world(() => answers.shift()!);
    const take = (): Promise<void> => controller.queued(batchOf([queued(1), queued(2)]));
    await expect(take()).rejects.toThrow('TIMEOUT');
    expect(offers).toEqual([]);
    for (const turn of [1, 2]) {
      // asked for once: a third answer is not there
      const work = take();
      await until('both to be offered', () => offers.length === 2 * turn);
      for (const { answer } of offers.slice(-2)) answer.accepted(accepted('queued'));
      await work;
    }
    expect(offers.map(({ offer }) => [offer.group, offer.way])).toEqual(Array(4).fill(['default', 'pub']));
    expect(ends).toHaveLength(4);
  });
});
