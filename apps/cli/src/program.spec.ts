import { describe, expect, it } from '@jest/globals';
import { DELIVERY, EVENT, EXPLAIN, FAILED_RUN, PART, RUN } from './testing/sample-bodies.fixture.js';
import { DEAD, RESOURCE, STATUS } from './testing/sample-site.fixture.js';

import { stubbedCli } from './testing/stubbed-cli.fixture.js';

const cli = stubbedCli();
const { signalbox } = cli;

/** Every list: what it asks for, and what it prints. */
const LISTS = [
  {
    line: 'event list --group cloudedge --include-expired --type a.b --subject s --source n --limit 5 --after c1',
    asks: '/v1/groups/cloudedge/events?includeExpired=true&type=a.b&subject=s&source=n&order=newest&limit=5&after=c1',
    items: [EVENT, { ...EVENT, id: 'evt-2', subject: undefined, expiresAt: undefined }],
  },
  {
    line: 'event deliveries --group g --event-id e --peer p --status failed',
    asks: '/v1/deliveries?group=g&eventId=e&peer=p&status=failed',
    items: [DELIVERY],
  },
  {
    line: 'run list --subscription EventSubscription/address-claims --event-id e --state failed',
    asks: '/v1/runs?subscription=address-claims&eventId=e&state=failed&limit=50',
    items: [RUN, FAILED_RUN],
  },
  { line: 'dynamic list --state active', asks: '/v1/parts?state=active', items: [PART] },
  {
    line: 'dead list --service ingest --code c',
    asks: '/v1/dead-letters?service=ingest&code=c',
    items: [DEAD],
  },
  {
    line: 'get EventGroup --project lab',
    asks: '/v1/resources?kind=EventGroup&project=lab',
    items: [RESOURCE],
  },
] as const;

const LETTER = {
  stream: 'INTAKE',
  seq: 9,
  deliveries: 1,
  encoding: 'utf8',
  data: '{"subject":1}',
  truncated: false,
};

/** Every single thing. */
const SINGLES = [
  { line: 'event get evt/1 --group g', asks: '/v1/groups/g/events/evt%2F1', body: EVENT },
  { line: 'event explain evt-1', asks: '/v1/groups/default/events/evt-1/explain', body: EXPLAIN },
  { line: 'run show run-1', asks: '/v1/runs/run-1', body: FAILED_RUN },
  { line: 'dead show 12', asks: '/v1/dead-letters/12', body: { ...DEAD, letter: LETTER } },
  { line: 'get EventGroup a', asks: '/v1/resources/EventGroup/a', body: RESOURCE },
  { line: 'status', asks: '/v1/status', body: STATUS },
] as const;

const STORAGE = [
  {
    ...{ kind: 'stream', name: 'FACTS_default', owner: 'ingest', unit: 'bytes', used: 1610612736 },
    ...{ bound: 2147483648, usedPercent: 75, whenFull: 'refuses', setting: 'SIGNALBOX_FACTS_MAX_BYTES' },
    ...{
      count: 812000,
      bytes: 1610612736,
      growthPerHour: 7456540.5,
      outlook: 'filling',
      fullInSeconds: 259200,
    },
  },
  {
    ...{ kind: 'table', name: 'runs', owner: 'renderer', unit: 'bytes', used: 8192, count: 0, bytes: 8192 },
    ...{ rule: 'rows that are over go with their records of ACTIVITY', outlook: 'unknown' },
  },
  {
    ...{ kind: 'queue', name: 'facts in line', owner: 'ingest', unit: 'entries', used: 20000, bound: 20000 },
    ...{ usedPercent: 100, whenFull: 'refuses', growthPerHour: -0.4, outlook: 'full', fullInSeconds: 0 },
  },
  {
    ...{ kind: 'cache', name: 'ended runs', owner: 'matcher', unit: 'entries', bound: 10000 },
    ...{ whenFull: 'forgets', outlook: 'never' },
  },
] as const;

describe('status --storage', () => {
  const line = 'status --storage';

  it('shows how full everything is, in every format', async () => {
    cli.site.on('GET /v1/storage', { body: { away: [], items: STORAGE } });
    const table = await signalbox(line);
    expect(table).toMatchObject({ code: 0, err: '' });
    expect(table.out).toMatchSnapshot();
    expect((await signalbox(`${line} -o wide`)).out).toMatchSnapshot();
    expect(JSON.parse((await signalbox(`${line} -o json`)).out)).toEqual(STORAGE);
  });

  it('says on stderr who did not answer', async () => {
    cli.site.on('GET /v1/storage', { body: { away: ['matcher', 'postgres'], items: STORAGE } });
    const { code, out, err } = await signalbox(`${line} -o json`);
    expect([code, JSON.parse(out)]).toEqual([0, STORAGE]);
    expect(err).toBe(
      'signalbox: warning: matcher, postgres did not answer: what is kept there is not known\n',
    );
  });
});

describe('lists', () => {
  it.each(LISTS)('$line', async ({ line, asks, items }) => {
    const route = `GET ${asks.split('?')[0]}`;
    cli.site.on(route, { body: { items, next: null } });

    const table = await signalbox(line);
    expect(table).toMatchObject({ code: 0, err: '' });
    expect(table.out).toMatchSnapshot();
    expect(table.out).not.toMatch(/ $/m);
    expect(cli.site.requests[0]).toMatchObject({ url: asks, headers: { authorization: 'Bearer sbx_t' } });

    expect((await signalbox(`${line} -o wide`)).out).toMatchSnapshot();
    expect(JSON.parse((await signalbox(`${line} -o json`)).out)).toEqual(JSON.parse(JSON.stringify(items)));
    const lines = (await signalbox(`${line} -o ndjson`)).out.trimEnd().split('\n');
    expect(lines.map((one) => JSON.parse(one) as unknown)).toEqual(JSON.parse(JSON.stringify(items)));
  });

  it('says on stderr how to get the next page', async () => {
    cli.site.on('GET /v1/parts', { body: { items: [PART], next: 'c2' } });
    const { out, err } = await signalbox('dynamic list -o json');
    expect(JSON.parse(out)).toHaveLength(1);
    expect(err).toBe('signalbox: more follow: add --after c2\n');
  });

  it.each(['run list', 'event list'])('X23 %s shows the newest 50 and says how to see more', async (line) => {
    for (const route of ['GET /v1/runs', 'GET /v1/groups/default/events'])
      cli.site.on(route, { body: { items: [line === 'run list' ? RUN : EVENT], next: 'c2' } });
    const { err } = await signalbox(`${line} -o json`);
    expect(cli.site.requests[0]?.url).toContain('limit=50');
    expect(err).toBe(
      'signalbox: the newest 1 are shown, more follow: add --limit N (up to 1000), or add --after c2 for the next\n',
    );
  });

  it('X23 event list asks for the newest first, and --oldest for the other end', async () => {
    cli.site.on('GET /v1/groups/default/events', { body: { items: [EVENT] } });
    await signalbox('event list');
    await signalbox('event list --oldest');
    expect(cli.site.requests.map(({ url }) => url)).toEqual([
      '/v1/groups/default/events?order=newest&limit=50',
      '/v1/groups/default/events?order=oldest&limit=50',
    ]);
  });

  it('X16 run list says which subscriptions wait for a plugin', async () => {
    const waiting = [
      { subscription: 'claims', waitsFor: 'Plugin/to-claim', reason: 'plugin-missing', facts: 3 },
    ];
    cli.site.on('GET /v1/runs', { body: { items: [], waiting } });
    expect((await signalbox('run list')).err).toBe(
      'signalbox: EventSubscription/claims starts nothing, 3 facts wait: Plugin/to-claim is not declared: apply it\n',
    );
  });

  it('X16 event explain says what a match waits for, X18 and that there are no subscriptions', async () => {
    const waiting = { waitsFor: 'Plugin/to-claim', reason: 'plugin-missing' };
    const decisions = [{ subscription: 'claims', matched: true, ...waiting }];
    const answer = { ...EXPLAIN, runs: [], parts: [], resources: [] };
    cli.site.on(
      'GET /v1/groups/default/events/evt-1/explain',
      { body: { ...answer, decisions } },
      { body: { ...answer, decisions: [], revision: 0 } },
    );
    expect((await signalbox('event explain evt-1')).out).toContain(
      'claims: matched, waits: Plugin/to-claim is not declared: apply it',
    );
    const { out } = await signalbox('event explain evt-1');
    expect(out).toContain('no subscriptions');
    expect(out).not.toContain('decisions at revision');
  });

  it('X18 the PEER column is the node of the peer, or its EventPeer when that is gone', async () => {
    cli.site.on('GET /v1/deliveries', { body: { items: [DELIVERY, { ...DELIVERY, node: null }] } });
    const [, node, peer] = (await signalbox('event deliveries')).out.split('\n');
    expect([node, peer].map((row) => row?.split(/ +/)[1])).toEqual(['aws-router', 'aws-edge']);
  });

  it('prints the titles only when there is nothing', async () => {
    cli.site.on('GET /v1/dead-letters', { body: { items: [], next: null } });
    expect((await signalbox('dead list')).out).toBe('SEQ  SERVICE  CODE  SUBJECT  AT  MESSAGE\n');
    expect((await signalbox('dead list -o ndjson')).out).toBe('');
  });
});

describe('single things', () => {
  it.each(SINGLES)('$line', async ({ line, asks, body }) => {
    cli.site.on(`GET ${asks}`, { body });
    const text = await signalbox(line);
    expect(text).toMatchObject({ code: 0, err: '' });
    expect(text.out).toMatchSnapshot();
    expect(cli.site.requests[0]?.url).toBe(asks);
    expect(JSON.parse((await signalbox(`${line} -o json`)).out)).toEqual(JSON.parse(JSON.stringify(body)));
  });

  it('prints yaml whose strings stay strings', async () => {
    cli.site.on('GET /v1/runs/r', { body: { runId: 'r', a: 'yes', b: '1e3', c: '10.0.0.1/32' } });
    expect((await signalbox('run show r -o yaml')).out).toBe(
      'runId: r\na: "yes"\nb: "1e3"\nc: 10.0.0.1/32\n',
    );
  });
});
