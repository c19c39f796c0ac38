import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Site, type Shape, SHAPES, until } from '@signalbox/testing';
import { CloudEvent, HTTP, type Message } from 'cloudevents';
import { connect, headers as natsHeaders, type NatsConnection, nkeyAuthenticator } from 'nats';

const PATH = '/v1/groups/default/events';

interface Item {
  readonly id: string;
  readonly payload: Readonly<Record<string, string>>;
  readonly way: string;
}

/** As a program makes it with the library of CloudEvents. */
function eventOf(type: string, more: Partial<CloudEvent<unknown>> = {}): CloudEvent<unknown> {
  return new CloudEvent({
    id: `evt "${randomBytes(4).toString('hex')}"`,
    source: 'https://ci.example/builds',
    type,
    subject: 'web',
    expiresat: new Date(Date.now() + 3_600_000).toISOString(),
    dedupekey: `key-${type}`,
    datacontenttype: 'application/json',
    data: { result: 'ok' },
    ...more,
  });
}

describe.each(SHAPES)('CloudEvents as facts (%s)', (shape: Shape) => {
  let site: Site;
  let nats: NatsConnection;

  beforeAll(async () => {
    site = await Site.start({ shape, only: 'api,ingest' });
    const seed = await site.natsSeed('publisher');
    const authenticator = seed === undefined ? undefined : nkeyAuthenticator(Buffer.from(seed));
    nats = await connect({ servers: site.nats.url, ...(authenticator && { authenticator }) });
  }, 120_000);

  afterAll(async () => {
    await nats.close();
    await site.stop();
  });

  async function post({ headers, body }: Message): Promise<{ status: number; answer: unknown }> {
    const response = await fetch(`${site.url}${PATH}`, {
      method: 'POST',
      headers: { ...(headers as Record<string, string>), authorization: `Bearer ${site.token}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, answer: await response.json() };
  }

  async function stored(type: string, count = 1): Promise<readonly Item[]> {
    return until('the fact', async () => {
      const { body } = await site.rest<{ items: Item[] }>('GET', `${PATH}?type=${type}`);
      return body.items.length === count ? body.items : undefined;
    });
  }

  const payload = { result: 'ok', 'cloudevents.source': 'https://ci.example/builds' };

  it.each(['binary', 'structured'] as const)('come over HTTP, %s', async (mode) => {
    const event = eventOf(`http.${mode}`);
    const { status, answer } = await post(HTTP[mode](event));
    expect([status, answer]).toEqual([202, expect.objectContaining({ accepted: true, id: event.id })]);
    expect(await stored(event.type)).toEqual([
      expect.objectContaining({
        id: event.id,
        subject: 'web',
        dedupeKey: `key-${event.type}`,
        observedAt: event.time,
        expiresAt: event['expiresat'],
        payload,
        way: 'rest',
      }),
    ]);
  });

  it('come over HTTP in a batch, each with a result', async () => {
    const events = [eventOf('http.batch'), eventOf('http.batch', { data: 'text' }), eventOf('http.batch')];
    const { status, answer } = await post({
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: JSON.stringify(events),
    });
    expect([status, answer]).toEqual([
      202,
      {
        results: [
          expect.objectContaining({ accepted: true, id: events[0]!.id }),
          expect.objectContaining({ accepted: false, id: events[1]!.id, code: 'bad-grammar' }),
          expect.objectContaining({ accepted: true, id: events[2]!.id }),
        ],
      },
    ]);
    await stored('http.batch', 2);
  });

  it.each(['binary', 'structured'] as const)('come over NATS, %s, answered and queued', async (mode) => {
    for (const way of ['emit', 'events'] as const) {
      const event = eventOf(`nats.${mode}.${way}`);
      const message = HTTP[mode](event);
      const headers = natsHeaders();
      for (const [name, value] of Object.entries(message.headers)) headers.set(name, String(value));
      const subject = `${way}.default.${event.type}`;
      // in structured mode the body alone says it, as the binding has it
      const options = { timeout: 10_000, ...(mode === 'binary' && { headers }) };
      if (way === 'events') nats.publish(subject, String(message.body), options);
      else
        expect((await nats.request(subject, String(message.body), options)).json()).toMatchObject({
          accepted: true,
          id: event.id,
        });
      expect(await stored(event.type)).toMatchObject([{ id: event.id, payload }]);
    }
  });

  it.each([
    ['another version', { ...eventOf('x').toJSON(), specversion: '0.3' }, 400, 'unsupported-envelope'],
    [
      'the source of another node',
      { ...eventOf('x').toJSON(), source: 'signalbox://a/default' },
      400,
      'foreign-source',
    ],
    ['numbers as data', { ...eventOf('x').toJSON(), data: { n: 1 } }, 400, 'bad-grammar'],
  ])('are refused with %s', async (_what, event, status, code) => {
    const refused = await post({ headers: { 'content-type': 'application/cloudevents+json' }, body: event });
    expect(refused).toMatchObject({ status, answer: { code } });
  });

  it('are given back as they came, to a reader who accepts them', async () => {
    const event = eventOf('http.out');
    await post(HTTP.structured(event));
    await stored(event.type);
    const response = await fetch(`${site.url}${PATH}/${encodeURIComponent(event.id)}`, {
      headers: { accept: 'application/cloudevents+json', authorization: `Bearer ${site.token}` },
    });
    const headers = { 'content-type': response.headers.get('content-type') ?? '' };
    expect(response.headers.get('vary')).toContain('Accept');
    const out = HTTP.toEvent({ headers, body: await response.text() });
    const sent = JSON.parse(JSON.stringify(event)) as object;
    expect(JSON.parse(JSON.stringify(out))).toMatchObject({ ...sent, sourcenode: expect.any(String) });
    // what goes out can come in again: it is the same fact
    const again = await post(HTTP.binary(out as CloudEvent<unknown>));
    expect(again.answer).toMatchObject({ accepted: true, duplicate: true });
  });

  it('are no business of other routes', async () => {
    const { status, body } = await site.rest<{ code: string }>('POST', '/v1/apply', '{}', {
      'content-type': 'application/cloudevents+json',
    });
    expect([status, body.code]).toEqual([415, 'unsupported-media-type']);
  });
});
