import { describe, expect, it } from '@jest/globals';
import type { VppInfo, VppLbCounters, VppLbState, VppSync } from '@signalbox/contracts';
import { problem } from './testing/stub-site.fixture.js';
import { stubbedCli } from './testing/stubbed-cli.fixture.js';

const cli = stubbedCli();
const { signalbox } = cli;

const INFO: VppInfo = {
  ...{ node: 'vpp', connected: true, version: '26.10-release', buildDate: '2026-10-28T10:00:00' },
  ...{ buildDirectory: '/build', pid: 4711 },
  bootedAt: '2026-01-01T00:00:00Z',
  connectedAt: '2026-01-02T00:00:00Z',
};

const STATE: VppLbState = {
  node: 'vpp',
  conf: {
    ...{ ipv4SrcAddress: '192.0.2.254', ipv6SrcAddress: '2001:db8::fe' },
    ...{ stickyBucketsPerCore: 1024, flowTimeoutSeconds: 40 },
  },
  vips: [
    {
      ...{ listener: 'http-vip', prefix: '192.0.2.10/32', protocol: 'tcp', port: 80, encap: 'gre4' },
      srcIpSticky: false,
      targets: [
        { address: '172.20.30.9', weight: 100, buckets: 1024, flows: 7 },
        { address: '172.20.30.11', weight: 0, buckets: 0, flows: 12 },
      ],
    },
    {
      ...{ prefix: '2001:db8::10/128', protocol: 'any', port: 0, encap: 'gre6' },
      srcIpSticky: true,
      targets: [],
    },
  ],
};

const COUNTERS: VppLbCounters = {
  node: 'vpp',
  vips: STATE.vips.map(({ listener, prefix, protocol, port }) => ({
    ...{ prefix, protocol, port, next: 22, first: 46, untracked: 0, noServer: 3 },
    ...(listener !== undefined && { listener }),
  })),
};

const SYNC: VppSync = {
  ...{ node: 'vpp', vipsAdded: 1, vipsRemoved: 0, targetsAdded: 2, targetsRemoved: 0, weightsSet: 3 },
};

describe('the VPP of a node', () => {
  it.each<[string, string, object]>([
    ['show vpp info', '/v1/nodes/vpp/vpp/info', INFO],
    [
      'show vpp info --node edge-1',
      '/v1/nodes/edge-1/vpp/info',
      { node: 'edge-1', connected: false, why: 'VPP at /run/vpp/api.sock: nobody listens there' },
    ],
    ['show vpp lb state', '/v1/nodes/vpp/vpp/lb-state', STATE],
    ['show vpp lb state http-vip', '/v1/nodes/vpp/vpp/lb-state', STATE],
    ['show vpp lb counters', '/v1/nodes/vpp/vpp/lb-counters', COUNTERS],
  ])('%s', async (line, asks, body) => {
    cli.site.on(`GET ${asks}`, { body });
    const { code, err, out } = await signalbox(line);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatchSnapshot();
    expect(out).not.toMatch(/ $/m);
    expect(cli.site.requests[0]?.url).toBe(asks);
  });

  it('is told as it is to programs', async () => {
    cli.site.on('GET /v1/nodes/vpp/vpp/lb-state', { body: STATE });
    expect(JSON.parse((await signalbox('show vpp lb state -o json')).out)).toEqual(STATE);
    expect(JSON.parse((await signalbox('show vpp lb state http-vip -o json')).out)).toEqual({
      ...STATE,
      vips: [STATE.vips[0]],
    });
  });

  it.each<[string, object, VppSync]>([
    ['sync vpp lb state', {}, SYNC],
    [
      'sync vpp lb state http-vip',
      { listener: 'http-vip' },
      { ...SYNC, vipsAdded: 0, targetsAdded: 0, weightsSet: 0 },
    ],
  ])('%s', async (line, body, answer) => {
    cli.site.on('POST /v1/nodes/vpp/vpp/sync', { body: answer });
    const { code, out } = await signalbox(line);
    expect(code).toBe(0);
    expect(out).toMatchSnapshot();
    expect(JSON.parse(cli.site.requests[0]?.body ?? '')).toEqual(body);
  });

  it('that a node does not have is told, and the command fails', async () => {
    const why = 'node vpp has no VPP: its driver is another one, or none yet';
    cli.site.on('GET /v1/nodes/vpp/vpp/info', problem(409, 'wrong-state', why));
    const { code, err } = await signalbox('show vpp info');
    expect(code).not.toBe(0);
    expect(err).toContain(why);
  });
});
