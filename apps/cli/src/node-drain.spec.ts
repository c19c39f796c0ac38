import { describe, expect, it } from '@jest/globals';
import { NODE, SILENT_NODE } from './testing/sample-lb.fixture.js';
import { problem } from './testing/stub-site.fixture.js';
import { stubbedCli } from './testing/stubbed-cli.fixture.js';

const cli = stubbedCli();
const { signalbox } = cli;

const { drained: _, ...UP } = { ...NODE, state: 'ready' as const };
const drain = { author: 'ann', since: '2026-05-30T11:59:00.000Z', reason: 'new kernel' };
const PENDING = { ...UP, drain };
const DRAINED = { ...PENDING, drained: true, vipCounts: { announced: 0, all: 2 } };

describe('node', () => {
  it('drain and undrain say how it stands', async () => {
    cli.site.on('POST /v1/nodes/edge-1/drain', { body: PENDING });
    expect(await signalbox('node drain edge-1 --reason new')).toEqual({
      code: 0,
      out: 'edge-1 is drained (pending), announces 1 of 2 VIPs\n',
      err: '',
    });
    expect(cli.site.requests[0]?.body).toBe('{"reason":"new"}');
    cli.site.on('POST /v1/nodes/edge-1/undrain', { status: 202, body: UP });
    const undrained = await signalbox('node undrain edge-1');
    expect(undrained).toMatchObject({ code: 0, out: 'edge-1 is not drained, announces 1 of 2 VIPs\n' });
    expect(undrained.err).toContain('pending');
  });

  it('drain --wait asks until it announces nothing, undrain --wait until it is ready', async () => {
    cli.site.on('POST /v1/nodes/edge-1/drain', { body: PENDING });
    cli.site.on(
      'GET /v1/nodes/edge-1',
      { body: PENDING },
      { body: { ...PENDING, drained: true } },
      { body: DRAINED },
    );
    expect(await signalbox('node drain edge-1 --wait')).toEqual({
      code: 0,
      out: 'edge-1 is drained, announces 0 of 2 VIPs\n',
      err: '',
    });
    expect(cli.site.requests).toHaveLength(4);
    cli.site.on('POST /v1/nodes/edge-1/undrain', { body: { ...UP, drained: true } });
    cli.site.on('GET /v1/nodes/edge-1', { body: { ...UP, state: 'unavailable' } }, { body: UP });
    expect((await signalbox('node undrain edge-1 --wait -o json')).code).toBe(0);
    expect(cli.site.requests).toHaveLength(7);
  });

  it('--wait ends with an error when it does not follow', async () => {
    const silent = { ...SILENT_NODE, drain };
    cli.site.on('POST /v1/nodes/edge-9/drain', { body: silent }).on('GET /v1/nodes/edge-9', { body: silent });
    expect(await signalbox('node drain edge-9 --wait')).toMatchObject({
      code: 1,
      err: expect.stringContaining('not-ready: edge-9 has not followed: it is missing'),
    });
  });

  it('that is not there', async () => {
    cli.site.on('POST /v1/nodes/none/drain', problem(404, 'not-found', 'there is no node "none"'));
    expect((await signalbox('node drain none')).code).toBe(4);
  });

  it('show nodes says who drained one', async () => {
    cli.site.on('GET /v1/nodes/edge-1', { body: DRAINED });
    expect((await signalbox('show nodes edge-1')).out).toMatch(/^drained by +ann .*new kernel/m);
    cli.site.on('GET /v1/nodes', { body: { items: [PENDING, DRAINED, UP] } });
    const words = (await signalbox('show nodes')).out
      .split('\n')
      .map((line) => /pending| yes /.exec(line)?.[0]);
    expect(words).toEqual([undefined, 'pending', ' yes ', undefined, undefined]);
  });
});
