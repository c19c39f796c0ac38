import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { optionalProgram, type RawNats, runCommand, Site, until } from '@signalbox/testing';
import type {
  DeadLetterItem,
  EmitAnswer,
  EventItem,
  ExplainAnswer,
  RunItem,
} from '../../apps/cli/src/rest/answers.js';
import { findFact, fromNow } from './federated-pair.js';

jest.setTimeout(300_000);

const NODE = 'observer.example';
/** Groups of the site: facts go to the first, nothing ever goes to the second. */
const GROUP = 'default';
const QUIET = 'quiet';

/** The body of a fact as a client writes it. */
interface FactBody {
  readonly id: string;
  readonly type: string;
  readonly subject?: string;
  readonly payload?: Readonly<Record<string, string>>;
  readonly dedupeKey?: string;
  readonly sourceNode?: string;
  readonly group?: string;
  readonly observedAt?: string;
  readonly expiresAt?: string;
}

/** What a way in answered: a coded error or acceptance; `nats pub` only says that it was queued. */
type Answer = { readonly code?: string } & Partial<EmitAnswer>;

/** A way in for facts. The type is in its subject, its path or a flag as well as in the body. */
interface WayIn {
  readonly name: string;
  /** How the stored fact says that it came. */
  readonly way: 'pub' | 'request' | 'rest';
  readonly queued?: boolean;
  readonly send: (group: string, type: string, body: FactBody) => Promise<Answer>;
}

let site: Site;
let nats: RawNats;

const RAW_NATS: readonly WayIn[] = [
  {
    name: 'nats pub events.…',
    way: 'pub',
    queued: true,
    send: async (group, type, body) => {
      await nats.publish(`events.${group}.${type}`, JSON.stringify(body));
      return {};
    },
  },
  {
    name: 'nats request emit.…',
    way: 'request',
    send: async (group, type, body) =>
      natsAnswer(await nats.request(`emit.${group}.${type}`, JSON.stringify(body))),
  },
];

/** The same by the real command. */
const NATS_COMMAND: readonly WayIn[] = [
  {
    name: 'nats pub events.… (the nats command)',
    way: 'pub',
    queued: true,
    send: async (group, type, body) => {
      await natsCommand('pub', `events.${group}.${type}`, JSON.stringify(body));
      return {};
    },
  },
  {
    name: 'nats request emit.… (the nats command)',
    way: 'request',
    send: async (group, type, body) =>
      natsAnswer(await natsCommand('request', '--raw', `emit.${group}.${type}`, JSON.stringify(body))),
  },
];

const HTTP: readonly WayIn[] = [
  {
    name: 'REST, one fact',
    way: 'rest',
    send: async (group, _type, body) =>
      (await site.rest<Answer>('POST', `/v1/groups/${group}/events`, body)).body,
  },
  {
    name: 'REST, an array',
    way: 'rest',
    send: async (group, _type, body) => {
      const path = `/v1/groups/${group}/events`;
      const { body: answer } = await site.rest<Answer & { results?: Answer[] }>('POST', path, [body]);
      return answer.results?.[0] ?? answer;
    },
  },
  {
    name: 'signalbox event emit',
    way: 'rest',
    send: async (group, _type, body) => {
      const { code, stdout, stderr } = await site.cli(
        'event',
        'emit',
        '--group',
        group,
        ...emitFlags(body),
        '-o',
        'json',
      );
      return code === 0
        ? (JSON.parse(stdout) as Answer)
        : { code: /^signalbox: ([a-z-]+):/m.exec(stderr)?.[1] ?? stderr };
    },
  },
];

const natsProgram = optionalProgram('nats', 'every way in by the nats command (raw TCP runs instead)');
const WAYS: readonly WayIn[] = [...RAW_NATS, ...(natsProgram === undefined ? [] : NATS_COMMAND), ...HTTP];
const ANSWERED = WAYS.filter(({ queued }) => queued !== true);

beforeAll(async () => {
  site = await Site.start({ node: NODE });
  await site.apply(group(QUIET));
  nats = await site.rawNats();
}, 300_000);

afterAll(async () => {
  nats?.close();
  await site?.stop();
}, 300_000);

describe('ways in', () => {
  if (natsProgram === undefined)
    for (const { name } of NATS_COMMAND) it.skip(`E1 a fact by ${name}`, () => undefined);

  it.each(WAYS)(
    'E1 a fact by $name is stored and listed by its group only',
    async ({ way, queued, send }) => {
      const type = uniqueType();
      const body: FactBody = {
        id: uniqueId(),
        type,
        subject: '10.88.60.9/32',
        payload: { mac: '02:00:00:00:00:09', note: 'ä "quoted" \\ 漢字' },
        observedAt: fromNow(0),
        expiresAt: fromNow(1800),
      };
      const answer = await send(GROUP, type, body);
      if (!queued)
        expect(answer).toEqual({
          accepted: true,
          id: body.id,
          duplicate: false,
          refreshed: false,
          seq: expect.any(Number),
        });
      const stored = await until('the fact', () => findFact(site, GROUP, body.id));
      expect(stored).toMatchObject({
        ...body,
        group: GROUP,
        sourceNode: NODE,
        way,
        own: true,
        version: 1,
        expired: false,
      });

      const listed = await site.json<EventItem[]>('event', 'list', '--group', GROUP, '--type', type);
      expect(listed).toEqual([stored]);
      const quiet = await site.rest('GET', `/v1/groups/${QUIET}/events?includeExpired=true`);
      expect(quiet.body).toMatchObject({ items: [] });
    },
  );

  it.each(WAYS)('E2 by $name dedupeKey is the id unless it is given', async ({ send }) => {
    const type = uniqueType();
    const [plain, keyed] = [uniqueId(), uniqueId()];
    await send(GROUP, type, { id: plain, type });
    await send(GROUP, type, { id: keyed, type, dedupeKey: 'lease-7' });
    const keys = await until('both facts', async () => {
      const { items } = await list(`type=${type}`);
      return items.length === 2 && new Map(items.map(({ id, dedupeKey }) => [id, dedupeKey]));
    });
    expect(keys).toEqual(
      new Map([
        [plain, plain],
        [keyed, 'lease-7'],
      ]),
    );
  });

  it('E3 what is missing is stamped: id, source node and time', async () => {
    const [pub, request] = [uniqueType(), uniqueType()];
    const before = Date.now();
    await nats.publish(`events.${GROUP}.${pub}`, '{"subject":"a"}');
    const asked = natsAnswer(await nats.request(`emit.${GROUP}.${request}`, '{}'));
    const posted = await site.rest<EmitAnswer>('POST', `/v1/groups/${GROUP}/events`, { type: request });
    const queued = await until('the queued fact', async () => (await list(`type=${pub}`)).items[0]);
    const after = Date.now();
    for (const id of [queued.id, asked.id!, posted.body.id]) {
      expect(id).toMatch(/^evt-[0-9a-f]{16}$/);
      const stored = await findFact(site, GROUP, id);
      expect(stored).toMatchObject({ group: GROUP, sourceNode: NODE, dedupeKey: id });
      expect(Date.parse(stored!.observedAt)).toBeGreaterThanOrEqual(before);
      expect(Date.parse(stored!.observedAt)).toBeLessThanOrEqual(after);
      expect(stored).not.toHaveProperty('expiresAt');
    }
  });

  it('E3 an array answers for each of its facts', async () => {
    const type = uniqueType();
    const [good, same, foreign] = [uniqueId(), uniqueId(), uniqueId()];
    const { status, body } = await site.rest('POST', `/v1/groups/${GROUP}/events`, [
      { id: good, type, subject: 'a' },
      { id: same, type, subject: 'b' },
      { id: same, type, subject: 'b' },
      { id: same, type, subject: 'other content' },
      { id: foreign, type, sourceNode: 'elsewhere' },
      { id: 'no-type' },
      'no object',
    ]);
    expect(status).toBe(202);
    const refused = (id: string, code: string): object => ({
      accepted: false,
      id,
      code,
      message: expect.any(String),
    });
    const accepted = (id: string, duplicate: boolean): object =>
      expect.objectContaining({ accepted: true, id, duplicate, refreshed: false });
    const wrongType = { pointer: '/type', message: expect.stringContaining('is required') };
    expect(body).toEqual({
      results: [
        accepted(good, false),
        accepted(same, false),
        accepted(same, true),
        refused(same, 'content-conflict'),
        refused(foreign, 'foreign-source'),
        { ...refused('no-type', 'bad-grammar'), errors: [wrongType] },
        refused('', 'bad-grammar'),
      ],
    });
    expect((await list(`type=${type}`)).items.map(({ id }) => id).sort()).toEqual([good, same].sort());
  });

  it.each(ANSWERED)('E5 the same id again by $name is one row and no error', async ({ send }) => {
    const type = uniqueType();
    const body: FactBody = {
      id: uniqueId(),
      type,
      subject: 'a',
      payload: { k: 'v' },
      observedAt: fromNow(0),
    };
    const first = await send(GROUP, type, body);
    expect(first).toMatchObject({ accepted: true, duplicate: false });
    expect(await send(GROUP, type, body)).toEqual({ ...first, duplicate: true });
    expect((await list(`type=${type}`)).items).toMatchObject([{ id: body.id, version: 1, seq: first.seq }]);
  });

  it('E5 the same id by every way is one row', async () => {
    const type = uniqueType();
    const body: FactBody = { id: uniqueId(), type, subject: 'a', observedAt: fromNow(0) };
    for (const { send } of WAYS) await send(GROUP, type, body);
    await queueIsEmpty();
    expect((await list(`type=${type}`)).items).toMatchObject([{ id: body.id, version: 1 }]);
  });
});

describe('one verdict for every way in', () => {
  it.each([
    ['X4 a member that no fact has', '{"subjct":"10.0.0.9/32"}', 'bad-grammar'],
    ['X3 a key given twice', '{"subject":"a","subject":"b"}', 'bad-json'],
    ['X6 a time that a Go peer cannot read', '{"observedAt":"2026-05-30t12:00:00z"}', 'bad-grammar'],
    [
      'X25 a notification of Alertmanager',
      '{"receiver":"r","status":"firing","alerts":[]}',
      'unsupported-envelope',
    ],
  ])('%s is refused by request, REST and pub', async (_, body, code) => {
    const type = uniqueType();
    const answer = JSON.parse(await nats.request(`emit.${GROUP}.${type}`, body)) as object;
    expect(answer).toMatchObject({ error: { code } });
    const rest = await fetch(`${site.url}/v1/groups/${GROUP}/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${site.token}`, 'content-type': 'application/json' },
      body,
    });
    expect(await rest.json()).toMatchObject({ code });
    await nats.publish(`events.${GROUP}.${type}`, body);
    const letters = await until('the dead letter', async () => {
      const { body: page } = await site.rest<{ items: { subject: string; code: string }[] }>(
        'GET',
        `/v1/dead-letters?code=${code}`,
      );
      const own = page.items.filter(({ subject }) => subject === `events.${GROUP}.${type}`);
      return own.length > 0 ? own : undefined;
    });
    expect(letters).toHaveLength(1);
    expect((await list(`type=${type}`)).items).toEqual([]);
  });
});

describe('X14 an id that is hard to put into a URL', () => {
  it.each(['.', '..', 'a/b', 'a%2Fb', '%2e%2e', 'a?b#c&d=e', 'ä €/😀', '__proto__', '-o', 'x'.repeat(200)])(
    '%s is got and explained by REST and CLI, and its deliveries are listed',
    async (id) => {
      const type = uniqueType();
      await post({ id, type });
      const path = `/v1/groups/${GROUP}`;
      const inPath = id === '.' || id === '..' ? undefined : `${path}/events/${encodeURIComponent(id)}`;
      const byQuery = `id=${encodeURIComponent(id)}`;
      for (const url of [inPath, `${path}/event?${byQuery}`]) {
        if (url === undefined) continue;
        const { status, body } = await site.rest<EventItem>('GET', url);
        expect({ url, status, id: body.id }).toEqual({ url, status: 200, id });
      }
      const explained = await site.rest<{ event: EventItem }>('GET', `${path}/event/explain?${byQuery}`);
      expect(explained.body.event.id).toBe(id);
      for (const verb of ['get', 'explain']) {
        const words = ['event', verb, '--group', GROUP, '-o', 'json', '--', id];
        const { code, stdout } = await site.cli(...words);
        expect({ verb, code }).toEqual({ verb, code: 0 });
        expect(JSON.parse(stdout)).toMatchObject(verb === 'get' ? { id, type } : { event: { id } });
      }
      expect(await site.json<unknown[]>('event', 'deliveries', '--group', GROUP, `--event-id=${id}`)).toEqual(
        [],
      );
    },
  );
});

describe('time', () => {
  it('E4 a fact is expired after its expiresAt and never without one', async () => {
    const type = uniqueType();
    const [short, endless] = [uniqueId(), uniqueId()];
    await post({ id: short, type, expiresAt: fromNow(1) });
    await post({ id: endless, type });
    expect(await findFact(site, GROUP, short)).toMatchObject({ expired: false });
    await until('the fact to expire', async () => (await findFact(site, GROUP, short))?.expired);
    expect((await list(`type=${type}`)).items.map(({ id }) => id)).toEqual([endless]);
  });

  it('E6 expired facts are hidden unless asked for; both lists are ordered by observedAt', async () => {
    const type = uniqueType();
    const bodies = [
      { id: `${type}-c`, type, observedAt: fromNow(-60), expiresAt: fromNow(600) },
      { id: `${type}-a`, type, observedAt: fromNow(-300), expiresAt: fromNow(600) },
      { id: `${type}-d`, type, observedAt: fromNow(-30), expiresAt: fromNow(-10) },
      { id: `${type}-b`, type, observedAt: fromNow(-120), expiresAt: fromNow(-60) },
    ];
    for (const body of bodies) await post(body);
    const shown = async (...flags: string[]): Promise<string[]> =>
      (await site.json<EventItem[]>('event', 'list', '--group', GROUP, '--type', type, ...flags)).map(
        ({ id }) => id.slice(type.length),
      );
    expect(await shown('--oldest')).toEqual(['-a', '-c']);
    expect(await shown('--include-expired', '--oldest')).toEqual(['-a', '-b', '-c', '-d']);
    expect(await shown('--include-expired')).toEqual(['-d', '-c', '-b', '-a']);
  });

  it.each(ANSWERED)('E7 a later expiry by $name moves the expiry and nothing else', async ({ send }) => {
    const type = uniqueType();
    const body: FactBody = {
      id: uniqueId(),
      type,
      subject: 'a',
      payload: { k: 'v' },
      observedAt: fromNow(-10),
      expiresAt: fromNow(600),
    };
    await send(GROUP, type, body);
    const before = await findFact(site, GROUP, body.id);
    const expiresAt = fromNow(1200);
    expect(await send(GROUP, type, { ...body, expiresAt })).toMatchObject({
      duplicate: false,
      refreshed: true,
    });
    const after = await findFact(site, GROUP, body.id);
    expect(after).toEqual({
      ...before,
      expiresAt,
      version: 2,
      seq: expect.any(Number),
      acceptedAt: expect.any(String),
    });
    expect((await list(`type=${type}&includeExpired=true`)).items).toHaveLength(1);
  });

  it('E13 a refresh without expiry leaves the expiry, and a later one still applies', async () => {
    const type = uniqueType();
    const body: FactBody = { id: uniqueId(), type, expiresAt: fromNow(600) };
    await post(body);
    const { expiresAt: _none, ...endless } = body;
    expect(await post(endless)).toMatchObject({ duplicate: true, refreshed: false });
    expect(await findFact(site, GROUP, body.id)).toMatchObject({ expiresAt: body.expiresAt, version: 1 });
    const expiresAt = fromNow(1200);
    expect(await post({ ...body, expiresAt })).toMatchObject({ refreshed: true });
    expect(await findFact(site, GROUP, body.id)).toMatchObject({ expiresAt, version: 2 });
  });
});

describe('refusals', () => {
  /** What is wrong, what is sent instead of a good fact, where it does not apply. */
  const WRONG: readonly {
    readonly code: string;
    readonly group?: string;
    readonly body: (good: FactBody) => FactBody;
  }[] = [
    { code: 'unknown-group', group: 'nowhere', body: (good) => good },
    { code: 'foreign-source', body: (good) => ({ ...good, sourceNode: 'elsewhere.example' }) },
    { code: 'bad-grammar', body: (good) => ({ ...good, subject: 'line\nbreak' }) },
    { code: 'observed-in-future', body: (good) => ({ ...good, observedAt: fromNow(6 * 60) }) },
    { code: 'too-large', body: (good) => ({ ...good, payload: { big: 'x'.repeat(256 * 1024) } }) },
    { code: 'group-mismatch', body: (good) => ({ ...good, group: QUIET }) },
    { code: 'type-mismatch', body: (good) => ({ ...good, type: 'another.type' }) },
  ];
  /** Neither the path nor the command name a group or type twice; one argument has at most 128 KiB. */
  const doesNotApply = (name: string, code: string): boolean =>
    (code === 'type-mismatch' && !name.startsWith('nats')) ||
    (code === 'group-mismatch' && name.startsWith('signalbox')) ||
    (code === 'too-large' && (name.startsWith('signalbox') || name.includes('command')));
  const answered = ANSWERED.flatMap((way) =>
    WRONG.filter(({ code }) => !doesNotApply(way.name, code)).map((wrong) => ({ ...way, ...wrong })),
  );
  const dead = WAYS.filter(({ queued }) => queued).flatMap((way) =>
    WRONG.filter(({ code }) => !doesNotApply(way.name, code)).map((wrong) => ({ ...way, ...wrong })),
  );

  it.each(answered)(
    'E3 $name answers $code and stores nothing',
    async ({ code, group: to = GROUP, body, send }) => {
      const good: FactBody = { id: uniqueId(), type: uniqueType() };
      expect(await send(to, good.type, body(good))).toMatchObject({ code });
      expect(await findFact(site, GROUP, good.id)).toBeUndefined();
    },
  );

  it.each(dead)(
    'E3 $name: $code is a dead letter and stores nothing',
    async ({ code, group: to = GROUP, body, send }) => {
      const good: FactBody = { id: uniqueId(), type: uniqueType() };
      const wrong = body(good);
      await send(to, good.type, wrong);
      const letter = await deadLetter(`events.${to}.${good.type}`);
      expect(letter).toMatchObject({ service: 'ingest', code });
      const { body: whole } = await site.rest<DeadLetterItem>('GET', `/v1/dead-letters/${letter.seq}`);
      const sent = JSON.stringify(wrong);
      const data = sent.slice(0, 256 * 1024);
      expect(whole.letter).toMatchObject({
        stream: 'INTAKE',
        encoding: 'utf8',
        data,
        truncated: data !== sent,
      });
      expect(await findFact(site, GROUP, good.id)).toBeUndefined();
    },
  );

  it('E3 REST says which fields are wrong, by pointers', async () => {
    const { status, body } = await site.rest<{
      code: string;
      errors: { pointer: string; message: string }[];
    }>('POST', `/v1/groups/${GROUP}/events`, {
      id: 7,
      type: 'a..b',
      subject: 'line\nbreak',
      payload: { count: 1, 'a/b~c': null, ' ': 'blank key' },
      observedAt: 'yesterday',
      expiresAt: '2026-13-01T00:00:00Z',
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'bad-grammar', retryable: false });
    expect(body.errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/expiresAt',
      '/id',
      '/observedAt',
      '/payload',
      '/payload/a~1b~0c',
      '/payload/count',
      '/subject',
      '/type',
    ]);
    expect(body.errors.every(({ message }) => message !== '')).toBe(true);
  });

  it('E3 a fact without a type is refused', async () => {
    const { status, body } = await site.rest('POST', `/v1/groups/${GROUP}/events`, { id: uniqueId() });
    expect([status, body]).toEqual([400, expect.objectContaining({ code: 'bad-grammar' })]);
    expect(natsAnswer(await nats.request(`emit.${GROUP}`, '{}'))).toMatchObject({ code: 'bad-grammar' });
    await nats.publish(`events.${GROUP}`, '{"note":"no type"}');
    expect(await deadLetter(`events.${GROUP}`)).toMatchObject({ code: 'bad-grammar' });
  });

  it('E3 what is no JSON is bad-json by every way', async () => {
    const type = uniqueType();
    const response = await fetch(`${site.url}/v1/groups/${GROUP}/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${site.token}`, 'content-type': 'application/json' },
      body: '{"type":',
    });
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ code: 'bad-json' }),
    ]);
    expect(natsAnswer(await nats.request(`emit.${GROUP}.${type}`, '{"type":'))).toMatchObject({
      code: 'bad-json',
    });
    await nats.publish(`events.${GROUP}.${type}`, '{"type":');
    const letter = await deadLetter(`events.${GROUP}.${type}`);
    expect(letter).toMatchObject({ service: 'ingest', code: 'bad-json' });
    const listed = await site.json<DeadLetterItem[]>(
      'dead',
      'list',
      '--service',
      'ingest',
      '--code',
      'bad-json',
    );
    expect(listed.filter(({ subject }) => subject === `events.${GROUP}.${type}`)).toEqual([letter]);
    expect(new Set(listed.map(({ service, code }) => `${service} ${code}`))).toEqual(
      new Set(['ingest bad-json']),
    );
    const shown = await site.cli('dead', 'show', String(letter.seq));
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('bad-json');
    expect(shown.stdout).toContain('{"type":');
  });

  it.each(ANSWERED)('E5 other content under a known id by $name is content-conflict', async ({ send }) => {
    const type = uniqueType();
    const body: FactBody = { id: uniqueId(), type, subject: 'a', payload: { k: 'v' } };
    await post(body);
    expect(await send(GROUP, type, { ...body, payload: { k: 'other' } })).toMatchObject({
      code: 'content-conflict',
    });
    expect(await findFact(site, GROUP, body.id)).toMatchObject({ payload: { k: 'v' }, version: 1 });
  });

  it('E5 other content under a known id by nats pub is a dead letter', async () => {
    const type = uniqueType();
    const body: FactBody = { id: uniqueId(), type, payload: { k: 'v' } };
    await post(body);
    await nats.publish(`events.${GROUP}.${type}`, JSON.stringify({ ...body, payload: { k: 'other' } }));
    expect(await deadLetter(`events.${GROUP}.${type}`)).toMatchObject({ code: 'content-conflict' });
    expect(await findFact(site, GROUP, body.id)).toMatchObject({ payload: { k: 'v' }, version: 1 });
  });

  it('E5 each code has its HTTP status and its exit code', async () => {
    const type = uniqueType();
    const id = uniqueId();
    await post({ id, type });
    const events = `/v1/groups/${GROUP}/events`;
    const statuses = await Promise.all([
      site.rest('POST', '/v1/groups/nowhere/events', { type }),
      site.rest('POST', events, { id, type, subject: 'other' }),
      site.rest('POST', events, { type, sourceNode: 'elsewhere' }),
      site.rest('POST', events, { type, observedAt: fromNow(360) }),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([404, 409, 400, 400]);
    expect(statuses.map(({ headers }) => headers.get('content-type'))).toEqual(
      Array(4).fill(expect.stringContaining('application/problem+json')),
    );
    const emit = ['event', 'emit', '--type', type];
    expect((await site.cli(...emit, '--group', 'nowhere')).code).toBe(4);
    expect((await site.cli(...emit, '--id', id, '--subject', 'other')).code).toBe(5);
    expect((await site.cli(...emit, '--source-node', 'elsewhere')).code).toBe(1);
  });

  it.each([
    ['a fact over 256 KiB', { type: 'large', payload: { big: 'x'.repeat(256 * 1024) } }],
    ['a body over 4 MiB', [{ type: 'large', payload: { big: 'x'.repeat(4 * 1024 * 1024) } }]],
    ['more than 1,000 facts', Array(1001).fill({ type: 'large' })],
  ])('E17 %s is 413', async (_what, body) => {
    const answer = await site.rest('POST', `/v1/groups/${GROUP}/events`, body);
    expect([answer.status, answer.body]).toEqual([413, expect.objectContaining({ code: 'too-large' })]);
    expect((await list('type=large')).items).toEqual([]);
  });
});

describe('reading', () => {
  it('S3 a fact that no subscription asks for is explained: no decision, no run, no part', async () => {
    const type = uniqueType();
    const id = uniqueId();
    await post({ id, type, subject: '10.88.60.9/32' });
    const explained = await site.json<ExplainAnswer>('event', 'explain', id);
    expect(explained).toMatchObject({
      event: { id, type },
      decisions: [],
      runs: [],
      parts: [],
      resources: [],
    });
    expect(explained.verdict).toBe('No EventSubscription names the group "default", so nothing was started.');
    const { code, stdout } = await site.cli('event', 'explain', id);
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe(explained.verdict);
    expect(await site.json<RunItem[]>('run', 'list', '--event-id', id)).toEqual([]);
    expect((await site.cli('event', 'explain', 'evt-never-seen')).code).toBe(4);
  });
});

describe('token', () => {
  const OPEN = ['/livez', '/readyz', '/metrics', '/v1/site'];

  it('Q7 every route but /livez, /readyz, /metrics and /v1/site is 401 without the token', async () => {
    const { body: openApi } = await site.rest<{ paths: Record<string, Record<string, unknown>> }>(
      'GET',
      '/docs-json',
    );
    const routes = Object.entries(openApi.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), path.replaceAll(/\{\w+\}/g, '1')] as const),
    );
    expect(routes).toEqual(
      expect.arrayContaining([
        ['POST', '/v1/apply'],
        ['POST', '/v1/groups/1/events'],
        ['GET', '/v1/groups/1/events'],
        ['DELETE', '/v1/resources/1/1'],
        ['GET', '/v1/status'],
      ]),
    );
    const tokens = [
      undefined,
      'Bearer sbx_0000000000000000000000000000000000000000000',
      `Basic ${site.token}`,
    ];
    for (const [method, path] of routes.filter((route) => !OPEN.includes(route[1]))) {
      for (const authorization of tokens) {
        const response = await fetch(`${site.url}${path}`, {
          method,
          ...(authorization !== undefined && { headers: { authorization } }),
        });
        expect([method, path, response.status]).toEqual([method, path, 401]);
        expect(await response.json()).toMatchObject({ code: 'unauthorized' });
      }
    }
    for (const path of OPEN) expect([path, (await fetch(`${site.url}${path}`)).status]).toEqual([path, 200]);
  });

  it('Q7 the token is in a file of its owner only, never in a log, and outlives a restart', async () => {
    const file = join(site.stateDir, 'context.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { token } = JSON.parse(await readFile(file, 'utf8')) as { token: string };
    expect(token).toMatch(/^sbx_[\w-]{43}$/);

    const id = uniqueId();
    await post({ id, type: uniqueType() });
    expect(await site.shutDown()).toBe(0);
    await site.up();
    expect(site.log).not.toContain('sbx_');
    expect(site.token).toBe(token);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await findFact(site, GROUP, id)).toMatchObject({ id });
  });
});

async function post(body: FactBody): Promise<EmitAnswer> {
  const answer = await site.rest<EmitAnswer>('POST', `/v1/groups/${GROUP}/events`, body);
  expect([answer.status, answer.body]).toEqual([202, expect.objectContaining({ accepted: true })]);
  return answer.body;
}

async function list(query: string): Promise<{ items: EventItem[] }> {
  return (await site.rest<{ items: EventItem[] }>('GET', `/v1/groups/${GROUP}/events?${query}`)).body;
}

/** The dead letter of a message on a subject. */
function deadLetter(subject: string): Promise<DeadLetterItem> {
  return until(`a dead letter of ${subject}`, async () => {
    const { body } = await site.rest<{ items: DeadLetterItem[] }>('GET', '/v1/dead-letters?service=ingest');
    return body.items.find((letter) => letter.subject === subject);
  });
}

/** Resolves when a message that was published after all others is a fact. */
async function queueIsEmpty(): Promise<void> {
  const [id, type] = [uniqueId(), uniqueType()];
  await nats.publish(`events.${GROUP}.${type}`, JSON.stringify({ id }));
  await until('the queue to be worked off', () => findFact(site, GROUP, id));
}

function natsAnswer(text: string): Answer {
  const { error, ...answer } = JSON.parse(text) as Answer & { error?: { code: string } };
  return error ? { code: error.code } : answer;
}

async function natsCommand(verb: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(natsProgram!, ['--server', site.nats.url, verb, ...args]);
  if (code !== 0) throw new Error(`nats ${verb} exited ${code}: ${stderr}`);
  return stdout;
}

function emitFlags(body: FactBody): string[] {
  const { id, type, subject, payload, dedupeKey, sourceNode, observedAt, expiresAt } = body;
  const flags = {
    id,
    type,
    subject,
    'dedupe-key': dedupeKey,
    'source-node': sourceNode,
    'observed-at': observedAt,
    'expires-at': expiresAt,
  };
  return [
    ...Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, value])),
    ...Object.entries(payload ?? {}).flatMap(([key, value]) => ['--payload', `${key}=${value}`]),
  ];
}

function uniqueId(): string {
  return `evt-${randomBytes(8).toString('hex')}`;
}

function uniqueType(): string {
  return `client.seen.${randomBytes(5).toString('hex')}`;
}

function group(name: string): string {
  return JSON.stringify({
    apiVersion: 'federation.routerd.net/v1alpha1',
    kind: 'EventGroup',
    metadata: { name },
    spec: { nodeName: NODE },
  });
}
