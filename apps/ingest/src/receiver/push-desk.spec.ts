import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CodedError, type ErrorCode, WIRE_TIME } from '@signalbox/contracts';
import { event, GROUP, ReceiverFixture } from './receiver.fixture.js';

let site: ReceiverFixture;

beforeEach(async () => {
  site = await ReceiverFixture.create();
});
afterEach(() => site.destroy());

describe('PushDesk, beyond the reference', () => {
  const refusal = (status: number, code: ErrorCode, id = 'evt-1'): object => ({
    status,
    text: expect.stringContaining(
      `${JSON.stringify({ accepted: false, code, id }).slice(0, -1)},"message":"`,
    ),
  });

  it('T25 refuses a fact of another group, and the other rules with their codes', async () => {
    await site.apply({ members: ['onprem'] });
    expect(await site.push(event({ group: 'other' }))).toMatchObject(refusal(400, 'group-mismatch'));
    expect(await site.push(event({ sourceNode: 'hub' }))).toMatchObject(refusal(400, 'self-origin'));
    expect(await site.push(event({ sourceNode: 'rogue' }))).toMatchObject(refusal(400, 'not-a-member'));
    expect(await site.push(event({ sourceNode: '' }))).toMatchObject(refusal(400, 'bad-grammar'));
    expect(await site.push(event({ expiresAt: '2026-05-30T11:59:59Z' }))).toMatchObject(
      refusal(400, 'expired'),
    );
    expect(site.intake.offers).toEqual([]);
    expect(
      site.refused.map(({ type, code, sourceNode, group, way, at }) => ({
        type,
        code,
        sourceNode,
        group,
        way,
        at,
      })),
    ).toEqual(
      [
        ['group-mismatch', 'onprem'],
        ['self-origin', 'hub'],
        ['not-a-member', 'rogue'],
        ['bad-grammar', ''],
        ['expired', 'onprem'],
      ].map(([code, sourceNode]) => ({
        type: 'refused',
        code,
        sourceNode,
        group: GROUP,
        way: 'peer',
        at: '2026-05-30T12:00:00.000Z',
      })),
    );
  });

  it('passes on what the intake refuses, with the status of its code', async () => {
    await site.apply();
    await site.push(event());
    expect(await site.push(event({ sourceNode: 'cloud' }))).toMatchObject(refusal(409, 'origin-conflict'));
    expect(await site.push(event({ id: 'é\u0001', type: 'a..b' }))).toMatchObject(
      refusal(400, 'bad-grammar', 'é\u0001'),
    );
    for (const code of ['not-ready', 'nats-unavailable', 'store-unavailable'] as const) {
      site.intake.failNext = new CodedError(code, 'later');
      expect(await site.push(event({ id: code }))).toMatchObject(refusal(503, code, code));
    }
    site.intake.failNext = new CodedError('storage-full', 'full');
    expect(await site.push(event({ id: 'x' }))).toMatchObject(refusal(507, 'storage-full', 'x'));
    expect(site.refused).toEqual([]);
  });

  it('X8 other content under a known id is a duplicate, also when the same request comes again', async () => {
    await site.apply();
    await site.push(event());
    const answer = { status: 200, text: '{"accepted":true,"id":"evt-1","duplicate":true}' };
    expect(await site.push(event({ payload: { k: 'w' } }))).toMatchObject(answer);
    expect(await site.push(event({ payload: { k: 'w' } }))).toMatchObject(answer);
    expect(site.counted.filter((line) => line.includes('rejected'))).toEqual([]);
  });

  it('X12 says to a peer what is wrong with its fact', async () => {
    await site.apply();
    const saying = (code: ErrorCode, message: string, id = 'evt-1'): object => ({
      status: 400,
      text: JSON.stringify({ accepted: false, code, id, message }),
    });
    const long = 'x'.repeat(201);
    const grammar = 'the fact is not valid: /id is required: 1-200 printable characters';
    expect(await site.push(event({ id: long }))).toMatchObject(saying('bad-grammar', grammar, long.slice(1)));
    const payload = Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, '']));
    expect(await site.push(event({ payload }))).toMatchObject(
      saying('bad-grammar', 'the fact is not valid: /payload has more than 64 keys'),
    );
    expect(await site.push(event({ observedAt: '2026-05-30T12:05:01Z' }))).toMatchObject(
      saying(
        'observed-in-future',
        'observedAt 2026-05-30T12:05:01Z is more than 5 minutes ahead of our clock: check the clocks of both sides',
      ),
    );
    expect(await site.push(event({ expiresAt: '2026-05-30t13:00:00Z' }))).toMatchObject(
      saying('bad-grammar', `the fact is not valid: /expiresAt ${WIRE_TIME}`),
    );
    expect(await site.push(event({ group: 'other' }))).toMatchObject(
      saying('group-mismatch', 'this port receives group cloudedge, the fact names other'),
    );
  });

  it('answers a defect of ours with 500 store error', async () => {
    await site.apply();
    site.intake.failNext = new TypeError('a defect');
    expect(await site.push(event())).toMatchObject({ status: 500, text: 'store error' });
    expect(await site.push(event())).toMatchObject({ status: 200 });
  });

  it('T31 sees a request that comes again: 200 when its fact is stored, else 409', async () => {
    await site.apply();
    await site.push(event());
    expect(await site.push(event())).toMatchObject({
      status: 200,
      text: '{"accepted":true,"id":"evt-1","duplicate":true}',
    });
    await site.push(event({ sourceNode: 'cloud' }));
    expect(await site.push(event({ sourceNode: 'cloud' }))).toMatchObject(refusal(409, 'replay'));
    expect(site.intake.offers).toHaveLength(2);
    expect(site.refused.map(({ type, code, id }) => `${type} ${code} ${id}`)).toEqual([
      'replay replay evt-1',
      'replay replay evt-1',
    ]);
    expect(site.counted).toEqual([
      'cloudedge accepted accepted',
      'cloudedge replay stored',
      'cloudedge duplicate duplicate',
      'cloudedge rejected origin-conflict',
      'cloudedge replay refused',
      'cloudedge rejected replay',
    ]);
  });

  it('takes the same request again after a failure of ours', async () => {
    await site.apply();
    site.intake.failNext = new CodedError('not-ready', 'starting');
    expect(await site.push(event())).toMatchObject({ status: 503 });
    expect(await site.push(event())).toMatchObject({
      status: 200,
      text: '{"accepted":true,"id":"evt-1","duplicate":false}',
    });
    expect(site.refused).toEqual([]);
  });
});
