import { describe, expect, it } from '@jest/globals';
import {
  ALARM,
  DISABLED_BACKEND,
  FAILED_OVER,
  FRONTEND,
  HEALTHCHECK,
  HELD_BACKEND,
  UP_BACKEND,
} from './testing/sample-balance.fixture.js';
import { problem } from './testing/stub-site.fixture.js';
import { stubbedCli } from './testing/stubbed-cli.fixture.js';

const cli = stubbedCli();
const { signalbox } = cli;

const asSent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const LISTS = [
  {
    line: 'show backends --state up --limit 5 --after c1',
    asks: '/v1/backends?state=up&limit=5&after=c1',
    items: [UP_BACKEND, DISABLED_BACKEND],
  },
  { line: 'show frontends --limit 5', asks: '/v1/frontends?limit=5', items: [FRONTEND, FAILED_OVER] },
  { line: 'show healthchecks --after c1', asks: '/v1/healthchecks?after=c1', items: [HEALTHCHECK] },
  { line: 'show alarms', asks: '/v1/alarms', items: [ALARM] },
] as const;

const SINGLES = [
  { line: 'show backends nginx1', asks: '/v1/backends/nginx1', body: UP_BACKEND },
  { line: 'show backends nginx2', asks: '/v1/backends/nginx2', body: DISABLED_BACKEND },
  { line: 'show backends held', asks: '/v1/backends/held', body: HELD_BACKEND },
  { line: 'show frontends failover-vip', asks: '/v1/frontends/failover-vip', body: FRONTEND },
  { line: 'show frontends over', asks: '/v1/frontends/over', body: FAILED_OVER },
  { line: 'show healthchecks http-check', asks: '/v1/healthchecks/http-check', body: HEALTHCHECK },
] as const;

describe('show', () => {
  it.each(LISTS)('$line', async ({ line, asks, items }) => {
    cli.site.on(`GET ${asks.split('?')[0]}`, { body: { items, next: null } });
    const table = await signalbox(line);
    expect(table).toMatchObject({ code: 0, err: '' });
    expect(table.out).toMatchSnapshot();
    expect(cli.site.requests[0]).toMatchObject({ url: asks, headers: { authorization: 'Bearer sbx_t' } });
    expect((await signalbox(`${line} -o wide`)).out).toMatchSnapshot();
    expect(JSON.parse((await signalbox(`${line} -o json`)).out)).toEqual(asSent(items));
  });

  it.each(SINGLES)('$line', async ({ line, asks, body }) => {
    cli.site.on(`GET ${asks}`, { body });
    const text = await signalbox(line);
    expect(text).toMatchObject({ code: 0, err: '' });
    expect(text.out).toMatchSnapshot();
    expect(text.out).not.toMatch(/ $/m);
    expect(JSON.parse((await signalbox(`${line} -o json`)).out)).toEqual(asSent(body));
  });

  it('lists of several projects say which, and one of another project is asked for there', async () => {
    const inLab = { ...UP_BACKEND, project: 'lab' };
    cli.site.on('GET /v1/backends', { body: { items: [UP_BACKEND, inLab] } });
    const { out } = await signalbox('show backends --project lab');
    expect(cli.site.requests[0]?.url).toBe('/v1/backends?project=lab');
    const cells = out.split('\n').map((row) => row.split(/ {2,}/).slice(0, 2));
    expect(cells.slice(0, 3)).toEqual([
      ['NAME', 'PROJECT'],
      ['nginx1', 'default'],
      ['nginx1', 'lab'],
    ]);
    cli.site.on('GET /v1/backends/nginx1', { body: inLab });
    expect((await signalbox('show backend nginx1 --project lab')).out).toMatch(
      /^name +nginx1\nproject +lab\n/,
    );
    cli.site.on('GET /v1/frontends/f', { body: { ...FRONTEND, project: 'lab' } });
    expect((await signalbox('show frontend f --project lab')).out).toMatch(/^project +lab$/m);
    cli.site.on('GET /v1/healthchecks/h', { body: { ...HEALTHCHECK, project: 'lab' } });
    expect((await signalbox('show healthcheck h --project lab')).out).toMatch(/^project +lab$/m);
    expect(cli.site.requests.slice(-3).map(({ url }) => url)).toEqual([
      '/v1/backends/nginx1?project=lab',
      '/v1/frontends/f?project=lab',
      '/v1/healthchecks/h?project=lab',
    ]);
  });

  it('says more of each target with -o wide', async () => {
    cli.site.on('GET /v1/frontends/over', { body: FAILED_OVER });
    expect((await signalbox('show frontends over -o wide')).out).toContain(
      '    rule disabled, backend disabled, flush true, address 172.20.30.21, since 2026-05-30T11:55:00.000Z\n',
    );
  });

  it.each(['show backend nginx1', 'sh ba nginx1', 'show backen nginx1'])('%s works as well', async (line) => {
    cli.site.on('GET /v1/backends/nginx1', { body: UP_BACKEND });
    expect((await signalbox(line)).out).toMatch(/^name\s+nginx1\n/);
  });

  it('asks for a name with any characters as one', async () => {
    cli.site.on('GET /v1/backends/a%2Fb%3F', { body: UP_BACKEND });
    expect((await signalbox('show backends a/b?')).code).toBe(0);
  });

  it('says on stderr how to get the next page', async () => {
    cli.site.on('GET /v1/backends', { body: { items: [UP_BACKEND], next: 'c2' } });
    expect((await signalbox('show backends')).err).toBe('signalbox: more follow: add --after c2\n');
  });

  it('a name that is not there ends with 4', async () => {
    cli.site.on('GET /v1/frontends/f', problem(404, 'not-found', 'no frontend f'));
    expect(await signalbox('show frontends f')).toEqual({
      code: 4,
      out: '',
      err: 'signalbox: not-found: no frontend f\nnext: signalbox show frontends\n',
    });
  });
});

describe('the output contract of reference maglev 8.4', () => {
  const effective = (name: string, weight: number) =>
    new RegExp(`${name}\\s+weight\\s+\\d+\\s+effective\\s+${weight}\\b`);

  it('show backends: state and enabled', async () => {
    cli.site.on('GET /v1/backends/nginx1', { body: UP_BACKEND });
    cli.site.on('GET /v1/backends/nginx2', { body: DISABLED_BACKEND });
    const up = (await signalbox('show backends nginx1 --color=false')).out;
    expect(up).toMatch(/state\s+up/);
    expect(up).not.toMatch(/enabled\s+false/);
    const disabled = (await signalbox('show backends nginx2')).out;
    expect(disabled).toMatch(/state\s+disabled/);
    expect(disabled).not.toMatch(/state\s+up/);
    expect(disabled).toMatch(/enabled\s+false/);
    expect((await signalbox('show backends nginx1', { tty: true })).out).toBe(up);
  });

  it('show frontends: a line for each target, and a mark at the end of one that is disabled', async () => {
    cli.site.on('GET /v1/frontends/failover-vip', { body: FRONTEND }, { body: FAILED_OVER });
    const before = (await signalbox('show frontends failover-vip')).out;
    expect(before).toMatch(effective('static-primary', 100));
    expect(before).toMatch(effective('fb', 0));
    expect(before).not.toContain('[disabled]');
    const after = (await signalbox('show frontends failover-vip')).out;
    expect(after).toMatch(effective('static-primary', 0));
    expect(after).not.toMatch(effective('static-primary', 100));
    expect(after).toMatch(/^ {2}static-primary weight 100 effective 0 \[disabled\]$/m);
    expect(after).toMatch(effective('fb', 50));
  });

  it('show frontends: the header rows', async () => {
    cli.site.on('GET /v1/frontends/f', { body: FRONTEND }, { body: FAILED_OVER });
    const { out } = await signalbox('show frontends f');
    for (const row of [
      /^address\s+172\.20\.30\.100$/m,
      /^protocol\s+tcp$/m,
      /^port\s+80$/m,
      /^src-ip-sticky\s+false$/m,
      /^flush-on-down\s+true$/m,
    ])
      expect(out).toMatch(row);
    expect(out).not.toContain('description');
    expect((await signalbox('show frontends f')).out).toMatch(/^description\s+the shop$/m);
  });
});

describe('set backend', () => {
  const paused = {
    ...UP_BACKEND,
    state: 'paused',
    changed: true,
    transitions: [{ ...UP_BACKEND.transitions[0], from: 'up', to: 'paused', by: { author: 'ann' } }],
  };

  it.each(['pause', 'resume', 'enable', 'disable'])('%s', async (verb) => {
    cli.site.on(`POST /v1/backends/nginx1/${verb}`, { body: paused });
    expect(await signalbox(`set backend nginx1 ${verb}`)).toEqual({
      code: 0,
      out: 'nginx1: paused (was up)\n',
      err: '',
    });
    expect(cli.site.requests).toMatchObject([
      { body: '{}', headers: { 'content-type': 'application/json' } },
    ]);
  });

  it('goes to the backend of a project', async () => {
    cli.site.on('POST /v1/backends/nginx1/pause', { body: { ...paused, project: 'lab' } });
    expect((await signalbox('set backend nginx1 pause --project lab')).code).toBe(0);
    expect(cli.site.requests).toMatchObject([{ url: '/v1/backends/nginx1/pause?project=lab' }]);
  });

  it('tells the state before the operator spoke, whatever followed from it', async () => {
    const [transition] = UP_BACKEND.transitions;
    const enabled = {
      ...UP_BACKEND,
      changed: true,
      transitions: [
        { ...transition, from: 'unknown', to: 'up' },
        { ...transition, from: 'disabled', to: 'unknown', by: { author: 'ann' } },
      ],
    };
    cli.site.on('POST /v1/backends/nginx1/enable', { body: enabled });
    expect((await signalbox('set backend nginx1 enable')).out).toBe('nginx1: up (was disabled)\n');
  });

  it('says when it was so already', async () => {
    cli.site.on('POST /v1/backends/nginx1/enable', { body: { ...UP_BACKEND, changed: false } });
    expect((await signalbox('set backend nginx1 enable')).out).toBe('nginx1: up (nothing to do)\n');
  });

  it('sends the reason and prints the backend as JSON', async () => {
    cli.site.on('POST /v1/backends/nginx1/pause', { body: paused });
    const { out } = await signalbox('set backend nginx1 pa --reason maintenance -o json');
    expect(JSON.parse(out)).toEqual(asSent(paused));
    expect(cli.site.requests[0]?.body).toBe('{"reason":"maintenance"}');
  });

  it('says after a 202 that what follows cannot be read yet', async () => {
    cli.site.on('POST /v1/backends/nginx1/pause', { status: 202, body: paused });
    expect(await signalbox('set backend nginx1 pause')).toEqual({
      code: 0,
      out: 'nginx1: paused (was up)\n',
      err: 'signalbox: pending: the command is recorded, what follows from it cannot be read yet\n',
    });
  });

  it('R1 a refusal ends with 5 and the text of the site', async () => {
    const detail = 'nginx2 is disabled: enable it first';
    cli.site.on('POST /v1/backends/nginx2/resume', problem(409, 'wrong-state', detail));
    expect(await signalbox('set backend nginx2 resume')).toEqual({
      code: 5,
      out: '',
      err: `signalbox: wrong-state: ${detail}\nnext: see which state it is in: signalbox show backends\n`,
    });
  });
});

describe('set frontend', () => {
  const route = '/v1/frontends/over/pools/fallback/backends/fb/weight';
  const words = 'set frontend over pool fallback backend fb weight';

  it('sets a weight and prints the target', async () => {
    cli.site.on(`PUT ${route}`, { body: FAILED_OVER });
    expect(await signalbox(`${words} 50 --reason kernel --expires 1h`)).toEqual({
      code: 0,
      out: 'fb weight 50 effective 50\n',
      err: '',
    });
    expect(cli.site.requests[0]?.body).toBe('{"weight":50,"reason":"kernel","expiresIn":"1h"}');
  });

  it('goes to the frontend of a project', async () => {
    cli.site.on(`PUT ${route}`, { body: { ...FAILED_OVER, project: 'lab' } });
    expect((await signalbox(`${words} 50 --project lab`)).code).toBe(0);
    expect(cli.site.requests).toMatchObject([{ url: `${route}?project=lab` }]);
  });

  it.each([0, 100])('takes %i', async (weight) => {
    cli.site.on(`PUT ${route}`, { body: FAILED_OVER });
    expect((await signalbox(`${words} ${weight}`)).code).toBe(0);
    expect(JSON.parse(cli.site.requests[0]!.body)).toEqual({ weight });
  });

  it('default gives the weight of the config back', async () => {
    cli.site.on(`DELETE ${route}`, { status: 202, body: FAILED_OVER });
    const { code, out, err } = await signalbox(`${words} default --reason done`);
    expect({ code, out }).toEqual({ code: 0, out: 'fb weight 50 effective 50\n' });
    expect(err).toContain('pending');
    expect(cli.site.requests).toMatchObject([{ method: 'DELETE', body: '{"reason":"done"}' }]);
  });

  it('prints the frontend as JSON', async () => {
    cli.site.on(`PUT ${route}`, { body: FAILED_OVER });
    expect(JSON.parse((await signalbox(`${words} 50 -o json`)).out)).toEqual(asSent(FAILED_OVER));
  });

  it.each([
    ['101', '"101" is not a weight: expected a whole number from 0 to 100, or default'],
    ['-1', '"-1" is not a weight'],
    ['1.5', '"1.5" is not a weight'],
    ['half', '"half" is not a weight'],
    ['50 --expires soon', '--expires: "soon" is not a duration'],
    ['default --expires 1h', '--expires is for a weight, not for default'],
  ])('2: %s', async (weight, says) => {
    const { code, out, err } = await signalbox(`${words} ${weight}`);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`signalbox: usage: ${says}`);
    expect(cli.site.requests).toEqual([]);
  });

  it('a pool or backend that is not there ends with 4', async () => {
    cli.site.on(`PUT ${route}`, problem(404, 'not-found', 'no such member'));
    const { code, err } = await signalbox(`${words} 50`);
    expect(code).toBe(4);
    expect(err).toContain('next: signalbox show frontends over\n');
  });
});
