import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { EVENT } from './testing/sample-bodies.fixture.js';
import { runCommand } from './testing/run-command.fixture.js';
import { RESOURCE } from './testing/sample-site.fixture.js';
import { stubbedCli } from './testing/stubbed-cli.fixture.js';

const cli = stubbedCli();

it.each([
  ['delete EventGroup a --dry-run', 'DELETE /v1/resources/EventGroup/a'],
  ['set backend b pause --reason r --dry-run', 'POST /v1/backends/b/pause {"reason":"r"}'],
  ['drain b --project p --dry-run', 'POST /v1/backends/b/drain?project=p'],
  ['node drain n --wait --dry-run', 'POST /v1/nodes/n/drain'],
  ['sink pause s --dry-run', 'POST /v1/sinks/s/pause'],
  ['run retry r --dry-run', 'POST /v1/runs/r/retry'],
  ['compact --dry-run', 'POST /v1/compactions'],
  ['projections rebuild runs --dry-run', 'POST /v1/projections/rebuild'],
  ['sync vpp lb state --dry-run', 'POST /v1/nodes/vpp/vpp/sync'],
  ['event emit --type door.opened --id a --dry-run', 'POST /v1/groups/default/events {"'],
  [
    'set frontend f pool p backend b weight 5 --dry-run',
    'PUT /v1/frontends/f/pools/p/backends/b/weight {"weight":5}',
  ],
])('%s sends nothing and says what it would send', async (line, told) => {
  const { code, out, err } = await cli.signalbox(line);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(`dry run, nothing was sent: ${told}`);
  expect(cli.site.requests).toEqual([]);
});

it('--since leaves out what is older, and says nothing of more', async () => {
  const old = { ...EVENT, id: 'evt-old', acceptedAt: '2026-05-30T10:00:00Z' };
  const fresh = { ...EVENT, id: 'evt-fresh', acceptedAt: '2026-05-30T11:59:00Z' };
  cli.site.on('GET /v1/groups/default/events', { body: { items: [fresh, old], next: 'c' } });
  expect(await cli.signalbox('event list --since 10m -o name')).toEqual({
    code: 0,
    out: 'evt-fresh\n',
    err: '',
  });
  const { out, err } = await cli.signalbox('event list --since 3h -o name');
  expect(out).toBe('evt-fresh\nevt-old\n');
  expect(err).toContain('more follow');
  expect(await cli.signalbox('event list --since soon')).toMatchObject({ code: 2 });
});

it('get --selector reads on until it has all with the labels', async () => {
  const labelled = (name: string, tier: string) => ({
    ...RESOURCE,
    resource: { ...RESOURCE.resource, metadata: { name, labels: { tier, site: 'a' } } },
  });
  cli.site.on(
    'GET /v1/resources',
    { body: { items: [labelled('a', 'edge'), labelled('b', 'core')], next: 'n' } },
    { body: { items: [labelled('c', 'edge')], next: null } },
  );
  const { out } = await cli.signalbox('get EventGroup --selector tier=edge,site=a -o name');
  expect(out).toBe('a\nc\n');
  expect(cli.site.requests.map(({ url }) => url)).toEqual([
    '/v1/resources?kind=EventGroup&limit=1000',
    '/v1/resources?kind=EventGroup&limit=1000&after=n',
  ]);
  expect(await cli.signalbox('get EventGroup --selector tier')).toMatchObject({ code: 2 });
});

it('--watch prints again when the stream tells of a change, not of what there is', async () => {
  const interrupt = new AbortController();
  const row = (id: string) => ({ body: { items: [{ ...EVENT, id }], next: null } });
  cli.site.on('GET /v1/groups/default/events', row('evt-1'), row('evt-2'));
  cli.site.on('GET /v1/stream', {
    packets: ['id: 1\nevent: fact\ndata: {"synthetic":true}\n\n', 'id: 2\nevent: fact\ndata: {}\n\n'],
    then: 'open',
  });
  let printed = '';
  const { code } = await cli.signalbox('event list --watch -o name', {
    interrupted: () => interrupt.signal,
    onOut: (text) => {
      printed += text;
      if (printed.includes('evt-2')) interrupt.abort();
    },
  });
  expect(code).toBe(0);
  expect(printed).toBe('evt-1\nevt-2\n');
  expect(cli.site.requests.find(({ url }) => url.startsWith('/v1/stream'))?.url).toBe('/v1/stream?kind=fact');
});

it('context remove forgets a context and the choice of it', async () => {
  const home = mkdtempSync(join(tmpdir(), 'signalbox-context-'));
  try {
    const run = (line: string) => runCommand(line.split(' '), { home });
    await run('context add edge --url http://127.0.0.1:1 --token sbx_t --use');
    expect((await run('context remove edge')).out).toContain('no context is chosen');
    expect((await run('context list -o name')).out).toBe('');
    expect(await run('context remove edge')).toMatchObject({ code: 4 });
  } finally {
    rmSync(home, { recursive: true });
  }
});
