import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runCommand } from './testing/run-command.js';
import {
  APPLIED,
  DEAD,
  DELIVERY,
  DIFF,
  EVENT,
  EXPLAIN,
  FAILED_RUN,
  FULL_PART,
  HELD_BACK,
  PART,
  RESOURCE,
  ROUTER,
  RUN,
  STATUS,
} from './testing/sample-bodies.js';
import { StubSite } from './testing/stub-site.js';

let site: StubSite;
beforeAll(async () => {
  site = await StubSite.start();
});
afterAll(async () => {
  await site.stop();
});
beforeEach(() => {
  site.forget();
});

const signalbox = (line: string, given: Parameters<typeof runCommand>[1] = {}) =>
  runCommand(line.split(' '), { env: { SIGNALBOX_URL: site.url, SIGNALBOX_TOKEN: 'sbx_t' }, ...given });

/** Every list: what it asks for, and what it prints. */
const LISTS = [
  {
    line: 'event list --group cloudedge --include-expired --type a.b --subject s --source n --limit 5 --after c1',
    asks: '/v1/groups/cloudedge/events?includeExpired=true&type=a.b&subject=s&source=n&limit=5&after=c1',
    items: [EVENT, { ...EVENT, id: 'evt-2', subject: undefined, expiresAt: undefined }],
  },
  {
    line: 'event deliveries --group g --event-id e --peer p --status failed',
    asks: '/v1/deliveries?group=g&eventId=e&peer=p&status=failed',
    items: [DELIVERY],
  },
  {
    line: 'run list --subscription EventSubscription/address-claims --event-id e --state failed',
    asks: '/v1/runs?subscription=address-claims&eventId=e&state=failed',
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

/** Every single thing. */
const SINGLES = [
  { line: 'event get evt/1 --group g', asks: '/v1/groups/g/events/evt%2F1', body: EVENT },
  { line: 'event explain evt-1', asks: '/v1/groups/default/events/evt-1/explain', body: EXPLAIN },
  { line: 'run show run-1', asks: '/v1/runs/run-1', body: FAILED_RUN },
  { line: 'dead show 12', asks: '/v1/dead-letters/12', body: { ...DEAD, letter: LETTER() } },
  { line: 'get EventGroup a', asks: '/v1/resources/EventGroup/a', body: RESOURCE },
  { line: 'status', asks: '/v1/status', body: STATUS },
] as const;

function LETTER() {
  return {
    stream: 'INTAKE',
    seq: 9,
    deliveries: 1,
    encoding: 'utf8',
    data: '{"subject":1}',
    truncated: false,
  };
}

describe('lists', () => {
  it.each(LISTS)('$line', async ({ line, asks, items }) => {
    const route = `GET ${asks.split('?')[0]}`;
    site.on(route, { body: { items, next: null } });

    const table = await signalbox(line);
    expect(table).toMatchObject({ code: 0, err: '' });
    expect(table.out).toMatchSnapshot();
    expect(table.out).not.toMatch(/ $/m);
    expect(site.requests[0]).toMatchObject({ url: asks, headers: { authorization: 'Bearer sbx_t' } });

    expect((await signalbox(`${line} -o wide`)).out).toMatchSnapshot();
    expect(JSON.parse((await signalbox(`${line} -o json`)).out)).toEqual(JSON.parse(JSON.stringify(items)));
    const lines = (await signalbox(`${line} -o ndjson`)).out.trimEnd().split('\n');
    expect(lines.map((one) => JSON.parse(one) as unknown)).toEqual(JSON.parse(JSON.stringify(items)));
  });

  it('says on stderr how to get the next page', async () => {
    site.on('GET /v1/runs', { body: { items: [RUN], next: 'c2' } });
    const { out, err } = await signalbox('run list -o json');
    expect(JSON.parse(out)).toHaveLength(1);
    expect(err).toBe('signalbox: more follow: add --after c2\n');
  });

  it('prints the titles only when there is nothing', async () => {
    site.on('GET /v1/dead-letters', { body: { items: [], next: null } });
    expect((await signalbox('dead list')).out).toBe('SEQ  SERVICE  CODE  SUBJECT  AT  MESSAGE\n');
    expect((await signalbox('dead list -o ndjson')).out).toBe('');
  });
});

describe('single things', () => {
  it.each(SINGLES)('$line', async ({ line, asks, body }) => {
    site.on(`GET ${asks}`, { body });
    const text = await signalbox(line);
    expect(text).toMatchObject({ code: 0, err: '' });
    expect(text.out).toMatchSnapshot();
    expect(site.requests[0]?.url).toBe(asks);
    expect(JSON.parse((await signalbox(`${line} -o json`)).out)).toEqual(JSON.parse(JSON.stringify(body)));
  });

  it('prints yaml whose strings stay strings', async () => {
    site.on('GET /v1/runs/r', { body: { a: 'yes', b: '1e3', c: '10.0.0.1/32' } });
    expect((await signalbox('run show r -o yaml')).out).toBe('a: "yes"\nb: "1e3"\nc: 10.0.0.1/32\n');
  });
});

describe('dynamic', () => {
  it('describe prints every generation of a source', async () => {
    const items = [FULL_PART, { ...PART, generation: 2, state: 'active', expiresAt: '2026-05-30T12:00:00Z' }];
    site.on('GET /v1/parts', { body: { items } });
    const { code, out } = await signalbox('dynamic describe a/b');
    expect(code).toBe(0);
    expect(out).toMatchSnapshot();
    expect(site.requests[0]?.url).toBe('/v1/parts?source=a%2Fb&full=true');
  });

  it('describe of an unknown source is not found', async () => {
    site.on('GET /v1/parts', { body: { items: [] } });
    expect(await signalbox('dynamic describe a/b')).toEqual({
      code: 4,
      out: '',
      err: 'signalbox: not-found: no part has the source "a/b"\nnext: signalbox dynamic list\n',
    });
  });

  it('render prints the Router document as YAML or JSON', async () => {
    site.on('GET /v1/effective-config', { body: ROUTER });
    const { code, out } = await signalbox('dynamic render');
    expect(code).toBe(0);
    expect(out).toMatchSnapshot();
    expect(JSON.parse((await signalbox('dynamic render -o json')).out)).toEqual(ROUTER);
  });

  it('render with quarantined parts prints the document and exits 3', async () => {
    const annotations = { ...ROUTER.metadata.annotations, 'signalbox.dev/quarantined': '1' };
    site.on('GET /v1/effective-config', {
      body: { ...ROUTER, metadata: { name: 'effective', annotations } },
    });
    site.on('GET /v1/effective-config/diff', { body: { ...DIFF, quarantined: [HELD_BACK] } });
    const { code, out, err } = await signalbox('dynamic render');
    expect(code).toBe(3);
    expect(out).toContain('kind: RemoteAddressClaim');
    expect(err).toMatchInlineSnapshot();
  });

  it('diff shows what parts add, mask and fail to bring', async () => {
    const mask = {
      apiVersion: 'net.routerd.net/v1alpha1',
      kind: 'StaticRoute',
      project: 'default',
      name: 'old',
      maskedBy: 'DynamicConfigPart/a',
      maskedUntil: '2026-05-30T12:30:00Z',
      reason: 'moved',
    };
    site.on('GET /v1/effective-config/diff', {
      body: { ...DIFF, suppressed: [mask], quarantined: [HELD_BACK] },
    });
    expect((await signalbox('dynamic diff')).out).toMatchInlineSnapshot();
    expect((await signalbox('dynamic diff', { tty: true })).out).toContain('\u001B[32m+ hybrid');
    expect((await signalbox('dynamic diff --color=false', { tty: true })).out).not.toContain('\u001B');
  });

  it('diff says when there are no changes', async () => {
    site.on('GET /v1/effective-config/diff', { body: { ...DIFF, addedResources: [] } });
    expect((await signalbox('dynamic diff')).out).toBe('no changes: parts add and mask nothing\n');
  });
});

describe('apply and delete', () => {
  it('sends stdin with its variables filled and prints the plan', async () => {
    site.on('POST /v1/apply', { body: APPLIED });
    const { code, out } = await signalbox('apply -f - --var port=1 host=a=b --set edge -m why', {
      stdin: 'a: ${port} ${host}\n',
    });
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot();
    expect(site.requests[0]).toMatchObject({
      url: '/v1/apply?set=edge&message=why',
      body: 'a: 1 a=b\n',
      headers: { 'content-type': 'application/yaml' },
    });
  });

  it('says what is still pending after a 202', async () => {
    site.on('POST /v1/apply', { status: 202, body: { ...APPLIED, plan: [], pending: true } });
    site.on('GET /v1/status', { body: STATUS });
    const { code, out } = await signalbox('apply -f -');
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot();
    expect(JSON.parse((await signalbox('apply -f - -o json')).out)).toMatchObject({ pending: true });
  });

  it('prints the plan of a dry run', async () => {
    site.on('POST /v1/apply', { body: { ...APPLIED, dryRun: true } });
    const { out } = await signalbox('apply -f - --dry-run');
    expect(out).toContain(
      'dry run at revision 7, nothing was written: 1 added, 1 changed, 1 removed, 1 unchanged',
    );
    expect(site.requests[0]?.url).toBe('/v1/apply?dryRun=true');
  });

  it('does not send a file whose variables are not all filled', async () => {
    const { code, err } = await signalbox('apply -f -', { stdin: '${peerUrl}' });
    expect(code).toBe(1);
    expect(err).toMatch(/^signalbox: unfilled-variable: stdin: .*\$\{peerUrl\}[^]*\nnext: /);
    expect(site.requests).toEqual([]);
  });

  it('deletes a resource, at a revision when asked', async () => {
    site.on('DELETE /v1/resources/EventPeer/edge', {
      body: { ...APPLIED, plan: APPLIED.plan.slice(2, 3) },
    });
    const { code, out } = await signalbox('delete EventPeer edge --if-revision 7 --project lab');
    expect({ code, out }).toEqual({
      code: 0,
      out: '- Plugin/lab/old\nrevision 7, generation 3: 1 removed\n',
    });
    expect(site.requests[0]).toMatchObject({
      url: '/v1/resources/EventPeer/edge?project=lab',
      headers: { 'if-match': '"7"' },
    });
  });
});
