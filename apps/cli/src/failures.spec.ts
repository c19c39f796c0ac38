import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runCommand } from './testing/run-command.fixture.js';
import { STATUS } from './testing/sample-site.fixture.js';
import { problem, StubSite, type StubAnswer } from './testing/stub-site.fixture.js';

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

const signalbox = (line: string) => runCommand(line.split(' '), { env: { SIGNALBOX_URL: site.url } });

describe('exit codes', () => {
  it.each<[number, string, StubAnswer, string]>([
    [
      4,
      'event get e',
      problem(404, 'not-found', 'no e'),
      'signalbox event list --group default --include-expired',
    ],
    [4, 'event list --group g', problem(404, 'unknown-group', 'no g'), 'see which groups are declared'],
    [4, 'run show r', problem(404, 'not-found', 'no r'), 'signalbox run list'],
    [
      5,
      'delete Plugin p --if-revision 1',
      problem(409, 'part-conflict', 'held'),
      'read the current state again',
    ],
    [
      5,
      'delete Plugin p --if-revision 1',
      problem(412, 'revision-conflict', 'at 2'),
      'read the current state again',
    ],
    [7, 'status', problem(401, 'unauthorized', 'no token'), 'check the token: signalbox context show'],
    [7, 'status', problem(403, 'mask-denied', 'no policy'), 'check the token'],
    [1, 'status', problem(503, 'not-ready', 'starting'), 'wait a moment'],
    [6, 'status', { status: 502, body: '<html>', type: 'text/html' }, 'npm run up'],
    [1, 'status', { status: 500, body: '<html>', type: 'text/html' }, 'repeat the command'],
    [6, 'status', { status: 302, body: {} }, 'check the url'],
    [6, 'status', { body: '<html>', type: 'text/html' }, 'check the url'],
    [6, 'status', 'reset', 'npm run up'],
  ])('%i: %s', async (code, line, answer, next) => {
    const [noun = '', name = '', object = ''] = line.split(' ');
    const route = {
      event: name === 'get' ? 'GET /v1/groups/default/events/e' : 'GET /v1/groups/g/events',
      run: 'GET /v1/runs/r',
      delete: `DELETE /v1/resources/Plugin/${object}`,
      status: 'GET /v1/status',
    }[noun]!;
    const ended = await signalbox(site.on(route, answer) && line);
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toMatch(/^signalbox: [a-z0-9-]+: .+\n/);
    expect(ended.err.split('\n').at(-2)).toMatch(/^next: /);
    expect(ended.err.split('\n').at(-2)).toContain(next);
  });

  it('6 when nothing listens', async () => {
    const other = await StubSite.start();
    const { url } = other;
    await other.stop();
    const { code, err } = await signalbox(`status --url ${url}`);
    expect(code).toBe(6);
    expect(err).toContain(`signalbox: unreachable: ${url} cannot be reached: connect ECONNREFUSED`);
    expect(err).toContain('next: start the site with npm run up');
  });

  it('6 without any context, saying where it looked', async () => {
    const { code, err } = await runCommand(['status']);
    expect(code).toBe(6);
    expect(err).toMatchInlineSnapshot(`
     "signalbox: no-context: no site to speak to; looked for
       - --context, --url, SIGNALBOX_URL, SIGNALBOX_CONTEXT (not given)
       - /nowhere/.config/signalbox/contexts.json (no context chosen)
       - /nowhere/.signalbox/context.json and the same in every parent directory
       - /nowhere/.signalbox/context.json
     next: start the site with npm run up, or name another one with --context, --url or SIGNALBOX_URL
     "
    `);
  });

  it.each([
    ['event', 'Usage: signalbox event'],
    ['evnt', "signalbox: usage: unknown command 'evnt'"],
    ['event list --nope', 'next: signalbox event list --help'],
    ['event list extra', 'next: signalbox event list --help'],
    ['event list --limit 0', 'write a whole number from 1 to 1000'],
    ['event list --limit 1001', 'write a whole number from 1 to 1000'],
    ['event list -o csv', 'Allowed choices are table, wide, json, yaml, ndjson'],
    ['run list --state nope', 'Allowed choices are waiting, queued, running'],
    ['event get', "missing required argument 'id'"],
    ['apply', "required option '-f, --file <file...>' not specified"],
    ['apply -f - --var novalue', 'write name=value'],
    ['event emit --subject s', "required option '--type <type>' not specified"],
    ['event emit --type a --payload =v', 'write name=value'],
    ['event emit --type a --ttl 5x', 'signalbox: usage: --ttl: "5x" is not a duration'],
    [
      'event emit --type a --ttl 5s --expires-at 2026-05-30T12:00:00Z',
      'give --ttl or --expires-at, not both',
    ],
    ['event emit --type a --observed-at yesterday', '"yesterday" is not an RFC 3339 time'],
    ['status --url ftp://x', '"ftp://x" is not an http:// or https:// URL'],
    ['completion tcsh', 'Allowed choices are bash, zsh, fish'],
  ])('2: %s', async (line, says) => {
    const { code, out, err } = await signalbox(line);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(says);
    expect(site.requests).toEqual([]);
  });

  it('X30 lets no server drive the terminal', async () => {
    const errors = [{ pointer: '/a\u001b[2J', message: '\u0007' }];
    site.on('GET /v1/status', problem(422, 'toString\u001b[1m', 'gone\u001b]0;x\u0007', { errors }));
    const { code, err } = await signalbox('status');
    expect(code).toBe(1);
    expect(err).not.toMatch(/[^\P{Cc}\n]/u);
    expect(err).toMatch(/next: correct the fields above/);
  });

  it('prints every wrong field', async () => {
    const errors = [
      { pointer: '/0/spec/endpoint', message: 'must be a URL' },
      { pointer: '/0/spec/extra', message: 'is not known' },
    ];
    site.on('POST /v1/apply', problem(422, 'validation-failed', '2 fields are not valid', { errors }));
    const { code, err } = await signalbox('apply -f -');
    expect(code).toBe(1);
    expect(err).toMatchInlineSnapshot(`
     "signalbox: validation-failed: 2 fields are not valid
       /0/spec/endpoint: must be a URL
       /0/spec/extra: is not known
     next: correct the fields above and run the command again
     "
    `);
  });
});

describe('event emit', () => {
  const emit = 'event emit --group cloudedge --type a.b --subject s --payload k=v x=1=2 --ttl 30m';
  const accepted = { accepted: true, id: 'evt-0123456789abcdef', duplicate: false, refreshed: false, seq: 4 };
  const route = 'POST /v1/groups/cloudedge/events';

  it('fixes id and times itself and prints the fact with our node as its source', async () => {
    site.on(route, { body: accepted }).on('GET /v1/status', { body: STATUS });
    const { code, out, err } = await signalbox(emit);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatchInlineSnapshot(`
     "ID                    GROUP      SOURCE         TYPE  SUBJECT  OBSERVED                  EXPIRES
     evt-0123456789abcdef  cloudedge  onprem-router  a.b   s        2026-05-30T12:00:00.000Z  2026-05-30T12:30:00.000Z
     "
    `);
    expect(JSON.parse(site.requests[0]!.body)).toEqual({
      id: 'evt-0123456789abcdef',
      group: 'cloudedge',
      type: 'a.b',
      subject: 's',
      payload: { k: 'v', x: '1=2' },
      observedAt: '2026-05-30T12:00:00.000Z',
      expiresAt: '2026-05-30T12:30:00.000Z',
    });
  });

  it('prints the answer as JSON, without another request', async () => {
    site.on(route, { body: accepted });
    expect(JSON.parse((await signalbox(`${emit} -o json`)).out)).toEqual(accepted);
    expect(site.requests).toHaveLength(1);
  });

  it('repeats the very same body on broken connections and 5xx', async () => {
    let calls = 0;
    const pauses: number[] = [];
    site.on(route, 'reset', problem(503, 'not-ready', 'starting'), {
      body: { ...accepted, duplicate: true },
    });
    const { code, err } = await runCommand(emit.split(' '), {
      env: { SIGNALBOX_URL: site.url },
      nowMs: () => Date.parse('2026-05-30T12:00:00Z') + (calls += 1000),
      randomHex: () => String((calls += 1)),
      sleep: (ms) => Promise.resolve(void pauses.push(ms)),
    });
    const bodies = site.requests.filter(({ method }) => method === 'POST').map(({ body }) => body);
    expect(code).toBe(0);
    expect(bodies).toHaveLength(3);
    expect(new Set(bodies).size).toBe(1);
    expect(pauses).toEqual([200, 400]);
    expect(err).toMatch(/trying again \(1\/5\)\n.*starting; trying again \(2\/5\)\n$/);
  });

  it('gives up after 5 repeats', async () => {
    site.on(route, 'reset');
    expect((await signalbox(emit)).code).toBe(6);
    expect(site.requests).toHaveLength(6);
  });

  it.each([
    problem(409, 'content-conflict', 'another'),
    problem(422, 'secret-missing', 'x', { retryable: true }),
    problem(500, 'poison-message', 'no', { retryable: false }),
  ])('does not repeat what a repeat cannot help', async (answer) => {
    site.on(route, answer);
    expect((await signalbox(emit)).code).not.toBe(0);
    expect(site.requests).toHaveLength(1);
  });

  it('says when the fact was there already', async () => {
    site.on(route, { body: { ...accepted, duplicate: true } });
    expect((await signalbox(emit)).err).toBe('signalbox: the fact was stored already; nothing changed\n');
  });
});
