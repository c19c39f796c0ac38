import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ensureStream, factsDefinition } from '@signalbox/bus';
import {
  BALANCE_API,
  type ConfigRecord,
  factsStream,
  type RunRecord,
  SINK_STATES,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import fc from 'fast-check';
import {
  DEAD,
  DELIVERIES,
  EFFECTIVE,
  ORDER,
  PARTS,
} from '../../../../libs/contracts/src/records/sample-records.fixture.js';
import type { SiteContext } from '../start/context-file.js';
import { ApiSite } from '../testing/api-site.fixture.js';
import { EventSource } from '../testing/event-source.fixture.js';
import { factRecord, storeFact } from '../testing/facts.fixture.js';
import { Feeds } from './feeds.js';
import { STREAM_LIMITS } from './stream-limits.js';

type Data = Record<string, unknown> & { type: string };

const START_MS = 300_000;
const AT = '2026-01-01T00:00:00.000Z';
let site: ApiSite;
const opened: EventSource<Data>[] = [];

const open = async (query: string, lastEventId?: string): Promise<EventSource<Data>> => {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const source = await EventSource.open<Data>(site, `/v1/stream?${query}`, headers);
  opened.push(source);
  expect(source.response.status).toBe(200);
  await source.until(() => source.lastId !== undefined);
  return source;
};
/** As {@link open}, from now on: nobody here folds the projections whose positions are the beginning otherwise. */
const openNow = async (
  query: string,
  ...sources: readonly (readonly [string, string])[]
): Promise<EventSource<Data>> => {
  const places = sources.map(async ([source, stream]) => {
    const { state } = await site.bus.manager.streams.info(stream);
    return `${source}:${state.last_seq}`;
  });
  return open(query, (await Promise.all(places)).join(','));
};
const FACTS = ['fact/default', factsStream('default')] as const;
const CONFIG = ['config', STREAMS.activity] as const;
const RUNS = ['run', STREAMS.activity] as const;
const publish = async (subject: string, body: object): Promise<number> =>
  (await site.bus.publisher.publishJson(subject, body)).seq;
const planned = (runId: string): RunRecord => ({ type: 'planned', at: AT, ...ORDER, runId });
const plan = (...runIds: string[]): Promise<number> =>
  publish(SUBJECTS.plans, { records: runIds.map(planned) });
let facts = 0;
let plans = 0;
const fact = async (interfaceName = 'eth0'): Promise<string> => {
  const id = `f${(facts += 1)}`;
  const record = factRecord(id, AT);
  await storeFact(site, { ...record, fact: { ...record.fact, payload: { interface: interfaceName } } });
  return id;
};
/** A client that reads nothing until somebody listens to its data. */
const slowReader = (query: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${site.token}` };
    get(new URL(`/v1/stream?${query}`, site.services.url), { headers }, resolve).once('error', reject);
  });
const idsIn = (source: EventSource<Data>): unknown[] =>
  source.events.map(({ data }) => (data?.['fact'] as { id: string } | undefined)?.id ?? data?.['runId']);
/** Consumers of the event stream on a stream of NATS. */
const readersOf = async (stream: string): Promise<string[]> => {
  const names: string[] = [];
  for await (const { name } of site.bus.manager.consumers.list(stream))
    if (name.includes('event-stream')) names.push(name);
  return names;
};

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  site.followJournal();
  await ensureStream(site.bus.manager, factsDefinition('default'), site.bus.log);
}, START_MS);
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(opened.splice(0).map((source) => source.close()));
});
afterAll(() => site.destroy(), START_MS);
jest.setTimeout(60_000);

describe('each kind', () => {
  it('sinks: how they stand, then what they report', async () => {
    const sink = {
      ...{ sink: 'k1', version: 1, at: AT, state: SINK_STATES[0], revision: 1, generation: 2 },
      content: { generation: 2, digest: 'd'.repeat(64), bytes: 3, resources: 1, at: AT, place: '/tmp/k1' },
    };
    const source = await open('kind=sink');
    await publish(SUBJECTS.sinkActivity('k1'), sink);
    await source.until(() => source.events.length === 1);
    expect(source.events[0]).toMatchObject({ event: 'sink', data: { type: 'sink', ...sink } });
  });

  it('resources: what stands, then every change with who made it', async () => {
    const source = await open('kind=resource');
    expect(source.events[0]).toMatchObject({
      event: 'resource',
      data: { op: 'put', kind: 'EventGroup', name: 'default', synthetic: true, revision: expect.any(Number) },
    });
    const before = source.events.length;
    const check = (name: string): object => ({
      ...{ apiVersion: BALANCE_API, kind: 'HealthCheck', metadata: { name } },
      spec: { type: 'push', params: { ttl: '1m' } },
    });
    const headers = { 'content-type': 'application/yaml' };
    const body = [check('east'), check('west')].map((one) => JSON.stringify(one)).join('\n---\n');
    const applied = await site.call('/v1/apply?message=both', { method: 'POST', body, headers });
    expect(applied.body).toMatchObject({ changed: true });
    await source.until(() => source.events.length === before + 2);
    const [east, west] = source.events.slice(before);
    expect(east?.data).toMatchObject({ op: 'put', kind: 'HealthCheck', name: 'east', message: 'both' });
    expect(west?.data).toMatchObject({ name: 'west', revision: applied.body['revision'] });
    // cut off between two changes of one changeset
    const rest = await open('kind=resource', east?.id);
    await rest.until(() => rest.events.length === 1);
    expect(rest.events[0]?.data).toMatchObject({ name: 'west' });
    const named = await open('kind=resource&name=HealthCheck/west');
    expect(named.events.map(({ data }) => data?.['name'])).toEqual(['west']);
  });

  it('runs: every state, and the decision never before what it is about', async () => {
    const source = await openNow('kind=run', RUNS, CONFIG);
    await plan('r1', 'r2');
    const order = { ...ORDER, runId: 'r1' };
    const part = { observedAt: AT, expiresAt: AT, resources: [], directives: [], actionPlans: [] };
    const [accepted] = PARTS.filter((one) => one.type === 'accepted');
    const decide = (seq: number): ConfigRecord => ({
      ...accepted!,
      cause: { stream: STREAMS.activity, seq, index: 0 },
      part: { ...accepted!.part, runId: 'r1', attempt: ORDER.attempt },
    });
    const ends: RunRecord[] = [
      { type: 'started', at: AT, runId: 'r1', attempt: ORDER.attempt },
      { type: 'ended', at: AT, order, outcome: 'proposed', part },
    ];
    const end = await publish(SUBJECTS.executions, { records: ends });
    await publish(SUBJECTS.config, { records: [decide(end)] });
    await source.until(() => source.events.length === 5);
    const states = source.events.map(({ data }) => `${String(data?.['runId'])} ${String(data?.['state'])}`);
    expect(states).toEqual(['r1 queued', 'r2 queued', 'r1 running', 'r1 proposed', 'r1 succeeded']);
    expect(source.events[0]?.data).not.toHaveProperty('contents');
  });

  it('parts and generations of the effective config', async () => {
    const source = await openNow('kind=part,effective-config', CONFIG);
    await publish(SUBJECTS.config, { records: [...PARTS, EFFECTIVE] });
    await source.until(() => source.events.length === PARTS.length + 1);
    const told = source.events.map(({ event, data }) => `${event} ${String(data?.['change'])}`);
    expect(told).toEqual([...PARTS.map(({ type }) => `part ${type}`), 'effective-config undefined']);
    expect(source.events.at(-1)?.data).toMatchObject({
      generation: EFFECTIVE.generation,
      digest: EFFECTIVE.digest,
    });
  });

  it('deliveries and dead letters, these without what they hold', async () => {
    const source = await open('kind=delivery,dead-letter');
    for (const record of DELIVERIES)
      await publish(SUBJECTS.deliveryActivity(record.group, record.peer), record);
    await publish(SUBJECTS.dead('ingest', DEAD.error.code), DEAD);
    await source.until(() => source.events.length === DELIVERIES.length + 1);
    const deliveries = source.events.filter(({ event }) => event === 'delivery');
    expect(deliveries.map(({ data }) => data?.['change'])).toEqual(DELIVERIES.map(({ type }) => type));
    const [letter] = source.events.filter(({ event }) => event === 'dead-letter');
    expect(letter?.data).toMatchObject({ service: DEAD.service, code: DEAD.error.code });
    expect(letter?.data).not.toHaveProperty('data');
  });

  it('alarms: those that are raised, and that they are over', async () => {
    jest.replaceProperty(STREAM_LIMITS, 'alarmsMs', 50);
    const source = await open('kind=alarm');
    await source.until(() => source.events.length > 0);
    expect(source.events[0]).toMatchObject({
      event: 'alarm',
      data: { change: 'raised', kind: 'service-silent', synthetic: true },
    });
    const silent = source.events.map(({ data }) => String(data?.['name']));
    const [service] = silent.filter((name) => name !== 'dataplane-agent');
    const answers = site.bus.connection.subscribe(SUBJECTS.ask(service!, 'alarms'), {
      callback: (_error, message) => void message.respond(JSON.stringify({ alarms: [] })),
    });
    await source.until(() => source.events.some(({ data }) => data?.['change'] === 'cleared'));
    answers.unsubscribe();
    expect(source.events.find(({ data }) => data?.['change'] === 'cleared')?.data).toMatchObject({
      name: service,
    });
  });

  it('facts of a group, as they were accepted', async () => {
    const source = await openNow('kind=fact&group=default', FACTS);
    const id = await fact();
    await source.until(() => source.events.length > 0);
    expect(source.events.at(-1)?.data).toMatchObject({
      ...{ type: 'fact', group: 'default', change: 'new', version: 1 },
      fact: { id, type: 'address.observed', sourceNode: 'edge-1.test', payload: { interface: 'eth0' } },
    });
    const named = await open(`kind=fact&name=${id}`, 'fact/default:0');
    await named.until(() => named.events.length === 1);
    expect(idsIn(named)).toEqual([id]);
  });

  it.each([
    ['kind=fact&project=default', '/kind'],
    ['kind=backend,run&project=lab', '/kind'],
    ['kind=fact&lastEventId=x', '/last-event-id'],
  ])('are refused with %s', async (query, pointer) => {
    const { status, body } = await site.call(`/v1/stream?${query}`);
    expect({ status, body }).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });
});

describe('one reader', () => {
  it('serves 100 clients, begins with the first and ends with the last', async () => {
    const stream = factsStream('default');
    const until = async (count: number): Promise<void> => {
      for (let names = await readersOf(stream); names.length !== count; names = await readersOf(stream));
    };
    await until(0);
    const start = await openNow('kind=fact', FACTS);
    const clients = [
      start,
      ...(await Promise.all(Array.from({ length: 99 }, () => open('kind=fact', start.lastId)))),
    ];
    const ids: string[] = [];
    for (let i = 0; i < 50; i += 1) ids.push(await fact());
    await Promise.all(clients.map((one) => one.until(() => idsIn(one).at(-1) === ids.at(-1))));
    for (const one of clients) expect(idsIn(one)).toEqual(ids);
    await until(1);
    expect(site.services.app.get(Feeds).open).toEqual(['fact/default']);
    await Promise.all(clients.map((one) => one.close()));
    await until(0);
    expect(site.services.app.get(Feeds).open).toEqual([]);
  });

  it('does not wait for a client that reads slowly, which misses nothing', async () => {
    jest.replaceProperty(STREAM_LIMITS, 'bufferBytes', 64 * 1024);
    jest.replaceProperty(STREAM_LIMITS, 'feedMessages', 3);
    jest.replaceProperty(STREAM_LIMITS, 'catchUpMessages', 20);
    const quick = await openNow('kind=fact', FACTS);
    const slow = await slowReader(`kind=fact&lastEventId=${encodeURIComponent(quick.lastId ?? '')}`);
    const ids: string[] = [];
    for (let i = 0; i < 300; i += 1) ids.push(await fact('x'.repeat(40_000)));
    await quick.until(() => quick.events.length === ids.length);
    expect(idsIn(quick)).toEqual(ids);
    let text = '';
    slow.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    const got = (): string[] => [...text.matchAll(/"fact":\{"id":"(f\d+)"/g)].map(([, id = '']) => id);
    while (got().length < ids.length) await once(slow, 'data');
    expect(got()).toEqual(ids);
    slow.destroy();
  });

  it('goes on after NATS was killed, without a gap', async () => {
    const source = await openNow('kind=fact', FACTS);
    const before = await fact();
    await source.until(() => idsIn(source).includes(before));
    const seen = source.events.length;
    site.killNats();
    let id: string | undefined;
    while (id === undefined) id = await fact().catch(() => undefined);
    const last = id;
    await source.until(() => idsIn(source).includes(last));
    const after = idsIn(source).slice(seen);
    expect(after).toEqual([...new Set(after)]);
    const check = await open('kind=fact', source.events[seen - 1]?.id);
    await check.until(() => idsIn(check).includes(last));
    expect(idsIn(check)).toEqual(after);
  });
});

describe('resuming', () => {
  it('brings every record once and in order, over any reconnects', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constant('fact' as const), fc.integer({ min: 1, max: 4 })), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 6 }),
        async (writes, cuts) => {
          const first = await openNow('kind=fact,run', FACTS, RUNS, CONFIG);
          const start = first.lastId;
          await first.close();
          const expected: { facts: string[]; runs: string[] } = { facts: [], runs: [] };
          for (const write of writes) {
            if (write === 'fact') expected.facts.push(await fact());
            else {
              const ids = Array.from({ length: write }, (_, at) => `p${(plans += 1)}-${at}`);
              expected.runs.push(...ids);
              await plan(...ids);
            }
          }
          const total = expected.facts.length + expected.runs.length;
          const got: unknown[] = [];
          let last = start;
          for (let turn = 0; got.length < total; turn += 1) {
            const source = await EventSource.open<Data>(site, '/v1/stream?kind=fact,run', {
              'last-event-id': last ?? '',
            });
            const take = Math.min(total - got.length, 1 + (cuts[turn % cuts.length] ?? 0));
            await source.until(() => source.events.length >= take);
            const taken = source.events.slice(0, take);
            last = taken.at(-1)?.id;
            got.push(...idsIn({ events: taken } as EventSource<Data>));
            await source.close();
          }
          expect(got.filter((id) => String(id).startsWith('f'))).toEqual(expected.facts);
          expect(got.filter((id) => String(id).startsWith('p'))).toEqual(expected.runs);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('says so when records are gone that it would have brought', async () => {
    await site.bus.manager.streams.purge(factsStream('default'), { seq: 10 });
    const late = await open('kind=fact,run', 'fact/default:1');
    expect(late.events[0]).toMatchObject({ event: 'gap', data: { type: 'gap', kinds: ['fact'] } });
  });
});

describe('a browser', () => {
  const ticket = async (): Promise<string> =>
    (await site.call<{ ticket: string }>('/v1/stream-tickets', { method: 'POST' })).body.ticket;
  const read = (query: string, path = '/v1/stream'): Promise<Response> =>
    fetch(new URL(`${path}?${query}`, site.services.url), { signal: AbortSignal.timeout(30_000) });

  it('reads by a ticket, once', async () => {
    const one = await ticket();
    const response = await read(`kind=fact&ticket=${one}`);
    expect(response.status).toBe(200);
    await response.body?.cancel();
    expect((await read(`kind=fact&ticket=${one}`)).status).toBe(401);
  });

  it('gets nothing else by it, and a ticket needs a token', async () => {
    expect((await read(`ticket=${await ticket()}`, '/v1/status')).status).toBe(401);
    expect((await read('ticket=sbt_x')).status).toBe(401);
    expect((await site.call('/v1/stream-tickets', { method: 'POST', anonymous: true })).status).toBe(401);
  });

  it('says where it was in the query', async () => {
    const whole = await openNow('kind=fact', FACTS);
    for (let i = 0; i < 3; i += 1) await fact();
    await whole.until(() => whole.events.length === 3);
    const id = whole.events.at(-2)?.id ?? '';
    const rest = await open(`kind=fact&lastEventId=${encodeURIComponent(id)}`);
    await rest.until(() => rest.events.length === 1);
    expect(idsIn(rest)).toEqual(idsIn(whole).slice(-1));
  });
});
