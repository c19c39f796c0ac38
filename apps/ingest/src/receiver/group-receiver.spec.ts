import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PEER_BODY_BYTES } from '@signalbox/contracts';
import { event, GROUP, NOW_S, ReceiverFixture } from './receiver.fixture.js';

let site: ReceiverFixture;

beforeEach(async () => {
  site = await ReceiverFixture.create();
});
afterEach(() => site.destroy());

describe('GroupReceiver on the reference wire', () => {
  beforeEach(() => site.apply());

  it('T1 stores a pushed fact and answers with its id', async () => {
    expect(await site.push(event())).toMatchObject({
      status: 200,
      text: '{"accepted":true,"id":"evt-1","duplicate":false}',
    });
    const defaults = { observedAt: '2026-05-30T12:00:00.000Z' };
    expect(site.intake.offers).toEqual([{ group: GROUP, way: 'peer', body: event(), defaults }]);
    expect(site.counted).toEqual(['cloudedge accepted accepted']);
  });

  it('T3 answers a second push of the fact with duplicate', async () => {
    await site.push(event());
    const again = await site.push(event(), { timestamp: String(NOW_S + 1) });
    expect(again).toMatchObject({
      status: 200,
      text: '{"accepted":true,"id":"evt-1","duplicate":true}',
    });
    expect(site.intake.facts.size).toBe(1);
    expect(site.refused).toEqual([]);
  });

  it('T5 refuses a wrong signature with 401', async () => {
    expect(await site.push(event(), { secret: 'wrong' })).toMatchObject({
      status: 401,
      text: 'bad signature',
    });
    expect(site.intake.offers).toEqual([]);
    expect(site.counted).toEqual(['cloudedge rejected bad_signature']);
    expect(await site.status()).toMatchObject({ rejected: 1, storedEvents: 0 });
  });

  it('T6 refuses a signature that is an hour old with 403', async () => {
    const reply = await site.push(event(), { timestamp: String(NOW_S - 3600) });
    expect(reply).toMatchObject({ status: 403, text: 'stale timestamp' });
    expect(site.intake.offers).toEqual([]);
    expect(site.counted).toEqual(['cloudedge rejected stale_timestamp']);
  });

  it('T9 refuses a timestamp that is missing or no number with 400', async () => {
    expect(await site.push(event(), { timestamp: 'noon' })).toMatchObject({
      status: 400,
      text: 'bad timestamp',
    });
    expect(await site.send({ body: JSON.stringify(event()) })).toMatchObject({
      status: 400,
      text: 'bad timestamp',
    });
    expect(site.counted).toEqual(['cloudedge rejected bad_timestamp', 'cloudedge rejected bad_timestamp']);
  });

  it('T10 refuses signed bodies that are no event with 400', async () => {
    expect(await site.push('no json')).toMatchObject({ status: 400, text: 'bad event body' });
    expect(await site.push(event({ payload: { n: 1 } }))).toMatchObject({
      status: 400,
      text: 'bad event body',
    });
    expect(await site.push(event({ type: undefined }))).toMatchObject({
      status: 400,
      text: 'invalid event: type is required',
    });
    expect(site.intake.offers).toEqual([]);
    expect(site.refused.map(({ type, code }) => `${type} ${code}`)).toEqual([
      'refused bad-json',
      'refused bad-json',
      'refused bad-grammar',
    ]);
  });

  it('X2, X3 says to a peer why a body that a Go peer would read is refused', async () => {
    const twice = JSON.stringify(event()).replace('"subject":', '"subject":"x","subject":');
    const reply = await site.push(twice);
    expect([reply.status, JSON.parse(reply.text)]).toEqual([
      400,
      {
        accepted: false,
        code: 'bad-json',
        id: '',
        message:
          'the pushed body says two things: the key "subject" is given twice in the outermost object. Give it once',
      },
    ]);
    const latin = await site.push(Buffer.from(JSON.stringify(event({ subject: 'é' })), 'latin1'));
    expect([latin.status, JSON.parse(latin.text)]).toEqual([
      400,
      { accepted: false, code: 'bad-text', id: '', message: expect.stringContaining('byte 0xe9 at offset') },
    ]);
    expect(site.intake.offers).toEqual([]);
    expect(site.counted).toEqual(['cloudedge rejected bad-json', 'cloudedge rejected bad-text']);
  });

  it('answers 405 and 404 without counting', async () => {
    expect(await site.send({ method: 'GET' })).toMatchObject({ status: 405, text: '' });
    expect(await site.send({ path: '/v1/other' })).toMatchObject({ status: 404 });
    expect(site.counted).toEqual([]);
  });

  it('shows its status to anyone, by any method', async () => {
    await site.push(event());
    await site.push(event(), { timestamp: String(NOW_S + 1) });
    await site.push(event(), { secret: 'wrong' });
    const shown = {
      node: 'hub',
      group: GROUP,
      received: 1,
      duplicate: 1,
      rejected: 1,
      storedEvents: 1,
      replayWindowSeconds: 300,
    };
    expect(await site.status()).toEqual(shown);
    const posted = await site.send({ method: 'POST', path: '/v1/status?x=1' });
    expect(JSON.parse(posted.text)).toEqual(shown);
  });

  it('takes what a Go peer sends: zero times, dedupeKey = id, unknown fields', async () => {
    const reply = await site.push(
      event({
        dedupeKey: 'evt-1',
        observedAt: '0001-01-01T00:00:00Z',
        expiresAt: '0001-01-01T00:00:00Z',
        recordedAt: '2026-05-30T11:59:00Z',
        extra: { deep: [1, 2] },
      }),
    );
    expect(reply).toMatchObject({
      status: 200,
      text: '{"accepted":true,"id":"evt-1","duplicate":false}',
    });
  });

  it('reads 1 MiB and refuses one byte more before hashing, announced or not', async () => {
    const body = Buffer.alloc(PEER_BODY_BYTES + 1, 0x20);
    const headers = { 'X-Routerd-Timestamp': 'not looked at' };
    const message = `a pushed body has at most ${PEER_BODY_BYTES} bytes`;
    const text = JSON.stringify({ accepted: false, code: 'too-large', id: '', message });
    const refusal = { status: 413, text };
    expect(await site.send({ headers, body })).toMatchObject(refusal);
    expect(await site.send({ headers, body, chunked: true })).toMatchObject(refusal);
    expect(await site.send({ headers: { 'content-length': String(1 << 30) } })).toMatchObject(refusal);
    expect(site.counted).toEqual(Array(3).fill('cloudedge rejected too-large'));
    const padded = JSON.stringify(event()).padEnd(PEER_BODY_BYTES, ' ');
    expect(await site.push(padded)).toMatchObject({ status: 200 });
  });

  it('keeps connections open', async () => {
    const [first, second] = [
      await site.send({ path: '/v1/status' }),
      await site.send({ path: '/v1/status' }),
    ];
    expect([first.reused, second.reused]).toEqual([false, true]);
  });
});
