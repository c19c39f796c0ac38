import { describe, expect, it } from '@jest/globals';
import type { SinkDetail, SinkItem } from './rest/answers.js';
import { problem } from './testing/stub-site.fixture.js';
import { stubbedCli } from './testing/stubbed-cli.fixture.js';

const cli = stubbedCli();
const { signalbox } = cli;

const CONTENT = {
  generation: 41,
  digest: 'ab'.repeat(32),
  bytes: 2048,
  resources: 12,
  at: '2026-05-30T11:59:00Z',
  place: 'edge/site-a',
};
const APPLIED: SinkDetail = {
  name: 'claims',
  description: 'who has which address',
  target: 'natsKv',
  place: 'edge/site-a',
  revision: 7,
  state: 'applied',
  at: '2026-05-30T11:59:00Z',
  content: CONTENT,
  behind: 0,
  applies: [{ version: 3, at: '2026-05-30T11:59:00Z', outcome: 'applied', generation: 41, content: CONTENT }],
};
const FAILURE = {
  step: 'reload' as const,
  error: { code: 'sink-command' as const, message: 'systemctl reload haproxy: exit 1' },
  output: 'Job failed.\nSee the journal.\u001b[31m',
  attempts: 2,
  retryAt: '2026-05-30T12:00:04Z',
};
const DEGRADED: SinkDetail = {
  name: 'backends',
  target: 'file',
  place: '/etc/haproxy/backends.cfg',
  revision: 8,
  state: 'degraded',
  at: '2026-05-30T12:00:00Z',
  content: { ...CONTENT, place: '/etc/haproxy/backends.cfg' },
  behind: 2,
  failure: FAILURE,
  applies: [
    {
      version: 4,
      at: '2026-05-30T12:00:00Z',
      outcome: 'failed',
      generation: 43,
      content: CONTENT,
      failure: FAILURE,
    },
  ],
};
const PAUSED: SinkItem = {
  ...APPLIED,
  state: 'paused',
  reason: 'paused by me: new kernel',
  paused: { author: 'me', reason: 'new kernel', at: '2026-05-30T12:00:00Z' },
};
const SILENT: SinkItem = {
  name: 'new',
  target: 'webhook',
  place: 'https://inventory.example.net/hook',
  revision: 9,
};
const RENDERING = {
  sink: 'backends',
  generation: 43,
  resources: 1,
  digest: 'cd'.repeat(32),
  bytes: 24,
  text: 'server vm-1 10.0.0.1:80\n',
  isApplied: false,
};

describe('sink', () => {
  it('list', async () => {
    const items = [APPLIED, DEGRADED, PAUSED, SILENT];
    cli.site.on('GET /v1/sinks', { body: { items, next: 'c1' } });
    const table = await signalbox('sink list --limit 4');
    expect(table).toMatchObject({ code: 0, err: 'signalbox: more follow: add --after c1\n' });
    expect(table.out).toMatchSnapshot();
    expect(cli.site.requests[0]?.url).toBe('/v1/sinks?limit=4');
    expect((await signalbox('sink list -o wide')).out).toMatchSnapshot();
    expect(JSON.parse((await signalbox('sink list -o json')).out)).toEqual(items);
  });

  it.each([APPLIED, DEGRADED, PAUSED, SILENT])('describe $name $state', async (body) => {
    cli.site.on(`GET /v1/sinks/${body.name}`, { body });
    const { code, out } = await signalbox(`sink describe ${body.name}`);
    expect(code).toBe(0);
    expect(out).toMatchSnapshot();
    expect(out).not.toMatch(/ $|\u001b/m);
    expect((await signalbox(`sink describe ${body.name} -o json`)).out).toBe(
      `${JSON.stringify(body, null, 2)}\n`,
    );
  });

  it('pause and resume say how it stands then', async () => {
    cli.site.on('POST /v1/sinks/claims/pause', { body: PAUSED });
    const paused = await signalbox('sink pause claims --reason new');
    expect(paused).toEqual({ code: 0, out: 'claims paused: paused by me: new kernel\n', err: '' });
    expect(cli.site.requests[0]?.body).toBe('{"reason":"new"}');
    cli.site.on('POST /v1/sinks/claims/resume', { status: 202, body: APPLIED });
    const resumed = await signalbox('sink resume claims');
    expect(resumed).toMatchObject({ code: 0, out: 'claims applied\n' });
    expect(resumed.err).toContain('pending');
    expect(cli.site.requests.at(-1)?.body).toBe('{}');
  });

  it('render prints the document alone, and what is to know of it beside', async () => {
    cli.site.on('GET /v1/sinks/backends/render', { body: RENDERING });
    expect(await signalbox('sink render backends')).toEqual({
      code: 0,
      out: 'server vm-1 10.0.0.1:80\n',
      err: 'signalbox: generation 43, 1 resource, 24 B, sha256:cdcdcdcdcdcd\n',
    });
    expect(JSON.parse((await signalbox('sink render backends -o json')).out)).toEqual(RENDERING);
  });

  it('render ends with 3 when a guard would hold it', async () => {
    const held = 'nothing is selected any more, and onEmpty is hold';
    cli.site.on('GET /v1/sinks/backends/render', { body: { ...RENDERING, text: '', isApplied: true, held } });
    const { code, out, err } = await signalbox('sink render backends');
    expect([code, out]).toEqual([3, '']);
    expect(err).toContain('; the target has it\n');
    expect(err).toContain(`it would not be written: ${held}\n`);
  });

  it.each(['describe nothing', 'render nothing', 'pause nothing'])('%s names where to look', async (line) => {
    const [verb] = line.split(' ');
    const route =
      verb === 'pause'
        ? 'POST /v1/sinks/nothing/pause'
        : verb === 'render'
          ? 'GET /v1/sinks/nothing/render'
          : 'GET /v1/sinks/nothing';
    cli.site.on(route, problem(404, 'not-found', 'there is no sink nothing'));
    const { code, err } = await signalbox(`sink ${line}`);
    expect(code).toBe(4);
    expect(err).toContain('next: signalbox sink list\n');
  });
});
