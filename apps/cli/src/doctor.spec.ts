import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { givenGroup, givenPeer, givenSite } from '../../api/src/domain/doctor/given-site.fixture.js';
import { type DoctorReport, siteReport } from '../../api/src/domain/doctor/report.js';
import { runCommand } from './testing/run-command.fixture.js';
import { stubbedCli } from './testing/stubbed-cli.fixture.js';

const cli = stubbedCli();
const DOCTOR = 'GET /v1/doctor';

const withPeer = (peer: Parameters<typeof givenPeer>[0]): DoctorReport =>
  siteReport(givenSite({ groups: [givenGroup({ peers: [givenPeer(peer)] })] }), {
    planAt: '2026-12-01T00:00:00Z',
  });

describe('signalbox doctor', () => {
  it.each([
    ['all is well', {}, 0, 'pass'],
    ['something warns', { pending: 1 }, 0, 'warn'],
    ['something fails', { failed: 1 }, 1, 'fail'],
  ] as const)(
    'O1 when %s the report is printed and the exit code is right',
    async (_what, peer, code, overall) => {
      cli.site.on(DOCTOR, { body: withPeer(peer) });
      const ended = await cli.signalbox('doctor');
      expect(ended.code).toBe(code);
      expect(ended.out).toContain(`${overall} `);
      const json = await cli.signalbox('doctor -o json');
      expect(json.code).toBe(code);
      expect((JSON.parse(json.out) as DoctorReport).summary.overall).toBe(overall);
    },
  );

  it('O7 --plan asks for the plan and shows what needs approval', async () => {
    cli.site.on(DOCTOR, { body: withPeer({ endpoint: '' }) });
    const { out } = await cli.signalbox('doctor --plan');
    expect(out).toContain('configure-peer-endpoint edge cloud EventPeer/cloud (needs approval)');
  });

  it('refuses an area that it does not know', async () => {
    expect(await cli.signalbox('doctor weather')).toMatchObject({
      code: 2,
      err: expect.stringContaining('doctor knows no area "weather"'),
    });
  });
});

describe('signalbox doctor -f', () => {
  const config = (endpoint: string): string => `
apiVersion: federation.routerd.net/v1alpha1
kind: EventGroup
metadata: { name: edge }
spec: { nodeName: onprem, auth: { mode: hmac, secretFile: /etc/edge.key } }
---
apiVersion: federation.routerd.net/v1alpha1
kind: EventPeer
metadata: { name: nowhere }
spec: { groupRef: edge, nodeName: cloud, endpoint: "${endpoint}" }
`;

  const digest = async (path: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex');

  it('Q6 a copy of a config with a peer that has no endpoint fails, with what to do; the files stay as they are', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'signalbox-doctor-'));
    const [real, copy] = [join(dir, 'real.yaml'), join(dir, 'copy.yaml')];
    await writeFile(real, config('http://192.0.2.1:8787'));
    await writeFile(copy, config(''));
    const before = [await digest(real), await digest(copy)];
    const ended = await runCommand(['doctor', '-f', copy, '--plan', '-o', 'json']);
    expect(ended.code).toBe(1);
    const { checks, remediationPlan } = JSON.parse(ended.out) as DoctorReport;
    expect(checks).toContainEqual(
      expect.objectContaining({ code: 'expected-delivery-no-endpoint', status: 'fail', peer: 'nowhere' }),
    );
    expect(remediationPlan?.actions).toContainEqual(
      expect.objectContaining({
        ...{ action: 'configure-peer-endpoint', targetGroup: 'edge', targetPeer: 'nowhere' },
        ...{ safe: false, requiresOperatorApproval: true },
      }),
    );
    expect((await runCommand(['doctor', '-f', real])).code).toBe(0);
    expect([await digest(real), await digest(copy)]).toEqual(before);
  });
});

describe('signalbox check', () => {
  it.each([
    ['all is well', {}, 0, /^SIGNALBOX OK - \d+ checks are well \| fail=0 warn=0 pass=\d+ skip=0\n$/],
    ['something waits', { pending: 1 }, 1, /^SIGNALBOX WARNING - edge → cloud: 1 wait to be delivered \| /],
    ['something fails', { failed: 1 }, 2, /^SIGNALBOX CRITICAL - /],
  ] as const)('site: one line and exit code when %s', async (_what, peer, code, line) => {
    cli.site.on(DOCTOR, { body: withPeer(peer) });
    const ended = await cli.signalbox('check site');
    expect(ended.code).toBe(code);
    expect(ended.out).toMatch(line);
  });

  it('peer: one that is not there is unknown, and so is a site that does not answer', async () => {
    cli.site.on(DOCTOR, { body: withPeer({}) });
    expect(await cli.signalbox('check peer cloud')).toMatchObject({ code: 0 });
    expect(await cli.signalbox('check peer nobody')).toMatchObject({
      code: 3,
      out: 'SIGNALBOX UNKNOWN - there is no peer nobody\n',
    });
    const away = await runCommand(['check', 'site', '--url', 'http://127.0.0.1:1', '--token', 'sbx_t']);
    expect(away).toMatchObject({ code: 3, out: expect.stringMatching(/^SIGNALBOX UNKNOWN - unreachable: /) });
  });

  it.each([
    [
      '2',
      0,
      'SIGNALBOX OK - frontend web: 2 of 3 backends serve, at least 2 must | usable=2;;2: backends=3\n',
    ],
    [
      '3',
      2,
      'SIGNALBOX CRITICAL - frontend web: 2 of 3 backends serve, at least 3 must | usable=2;;3: backends=3\n',
    ],
  ])('frontend: at least %s usable', async (least, code, out) => {
    const backends = [100, 50, 0].map((effective, n) => ({ name: `b${n}`, effective }));
    cli.site.on('GET /v1/frontends/web', { body: { name: 'web', pools: [{ name: 'p', backends }] } });
    expect(await cli.signalbox(`check frontend web --min-usable ${least}`)).toMatchObject({ code, out });
  });

  it.each([
    ['up', 0],
    ['paused', 1],
    ['down', 2],
  ])('backend: %s', async (state, code) => {
    cli.site.on('GET /v1/backends/b', { body: { name: 'b', state } });
    expect(await cli.signalbox('check backend b')).toMatchObject({ code });
  });
});

describe('signalbox top', () => {
  const vitals = (at: string, accepted: number): object => ({
    ...{ at, node: 'onprem', ready: true, revision: 3, generation: accepted, alarms: 0 },
    groups: [{ name: 'edge', accepted }],
    runs: [{ state: 'succeeded', count: 7 }],
    backends: [],
    peers: [{ group: 'edge', peer: 'cloud', pending: 1, failed: 0, lagSeconds: 4 }],
    consumers: [{ stream: 'FACTS_edge', name: 'x'.repeat(120), lag: 2, inWork: 1 }],
  });

  it('--once makes rates of two looks', async () => {
    cli.site.on(
      'GET /v1/vitals',
      { body: vitals('2026-12-01T00:00:00Z', 100) },
      { body: vitals('2026-12-01T00:00:02Z', 150) },
    );
    const { code, out } = await cli.signalbox('top --once');
    expect(code).toBe(0);
    expect(out).toMatch(/^edge +150 +25\.0$/m);
    expect(out).toMatch(/^edge cloud +1 +0 +4s$/m);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});

it('signalbox bench does nothing without --yes', async () => {
  expect(await cli.signalbox('bench')).toMatchObject({ code: 2 });
  expect(cli.site.requests).toEqual([]);
});
