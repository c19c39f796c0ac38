import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  SUBJECTS,
  type VppInfo,
  type VppLbCounters,
  type VppLbState,
  type VppSync,
} from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import { AgentSite } from './agent.fixture.js';
import { parsed } from './drivers/vpp/api/fake/ip46.fixture.js';
import { aListener, CONF } from './drivers/vpp/given-lb.fixture.js';
import { VppSite } from './drivers/vpp/vpp-site.fixture.js';
import { NodeWriter } from './node-writer.fixture.js';

const KEY = { prefix: parsed('192.0.2.10'), length: 128, protocol: 6, port: 80 };
const WEB = aListener({ '10.0.0.1': 100, '10.0.0.2': 50 });

let site: AgentSite;
let vpp: VppSite;
let writer: NodeWriter;
let url: string;

beforeAll(async () => {
  [site, vpp] = await Promise.all([AgentSite.start(), VppSite.start()]);
  const times = { retryMs: 50, pingMs: 1_000, answerMs: 2_000 };
  const running = await site.agent({}, () => () => vpp.driver({ node: 'local', times }));
  url = running.url;
  writer = await NodeWriter.of(site.bus);
  Object.assign(writer, { driver: 'vpp', vpp: CONF });
});

afterAll(async () => {
  await site.stop();
  await vpp.stop();
});

function ask<T>(question: string, body: object): Promise<T | undefined> {
  return site.bus.ask<T>(SUBJECTS.askNode('local', question), body, 10_000);
}

async function metrics(): Promise<string[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text.split('\n').filter((line) => line.startsWith('maglev_vpp_'));
}

it('an agent without a state yet has no VPP to tell of', async () => {
  await site.state();
  await expect(ask('vpp', { about: 'info' })).rejects.toMatchObject({ code: 'wrong-state' });
  expect(await metrics()).toEqual([]);
});

it('an agent makes VPP as desired, and tells what stands, what it counted and what it wrote', async () => {
  await site.applied(await writer.write(WEB));
  vpp.fake.plugin.packet(KEY, { address: parsed('203.0.113.1'), port: 1 });
  expect(await ask<VppInfo>('vpp', { about: 'info' })).toMatchObject({
    ...{ node: 'local', connected: true, version: '26.10-rc0~fake', pid: vpp.fake.pid },
  });
  expect(await ask<VppLbState>('vpp', { about: 'lb-state' })).toMatchObject({
    conf: CONF,
    vips: [
      {
        ...{ listener: 'web', prefix: '192.0.2.10/32', protocol: 'tcp', port: 80, encap: 'gre4' },
        targets: [
          { address: '10.0.0.1', weight: 100 },
          { address: '10.0.0.2', weight: 50 },
        ],
      },
    ],
  });
  expect(await ask<VppLbCounters>('vpp', { about: 'lb-counters' })).toMatchObject({
    vips: [{ listener: 'web', first: 1, next: 0, untracked: 0, noServer: 0 }],
  });
  const shown = await metrics();
  expect(shown).toEqual(
    expect.arrayContaining([
      'maglev_vpp_connected{} 1',
      'maglev_vpp_lbsync_total{kind="as_added",scope="all"} 2',
      'maglev_vpp_lbsync_total{kind="vip_added",scope="all"} 1',
      'maglev_vpp_vip_packets_total{kind="first",port="80",prefix="192.0.2.10/32",protocol="tcp"} 1',
      'maglev_vpp_vip_packets_total{kind="no_server",port="80",prefix="192.0.2.10/32",protocol="tcp"} 0',
      `maglev_vpp_info{build_date="2026-09-30T10:00:00",pid="${vpp.fake.pid}",version="26.10-rc0~fake"} 1`,
    ]),
  );
  expect(shown.join('\n')).toMatch(
    /^maglev_vpp_api_total\{direction="send",msg="lb_add_del_as_v2",result="success"\} 2$/m,
  );
});

it('a sync that somebody asks for writes what differs, of one listener or of all, and counts it', async () => {
  const none = { vipsAdded: 0, vipsRemoved: 0, targetsAdded: 0, targetsRemoved: 0, weightsSet: 0 };
  expect(await ask<VppSync>('vpp-sync', {})).toEqual({ node: 'local', ...none });
  vpp.fake.plugin.setWeight(KEY, parsed('10.0.0.1'), 1, false);
  vpp.fake.plugin.addVip({ ...KEY, port: 99, encap: 0, tableLength: 1024, sticky: false });
  expect(await ask<VppSync>('vpp-sync', { listener: 'web' })).toEqual({
    node: 'local',
    ...none,
    weightsSet: 1,
  });
  expect(await ask<VppSync>('vpp-sync', {})).toEqual({ node: 'local', ...none, vipsRemoved: 1 });
  await expect(ask('vpp-sync', { listener: 'none' })).rejects.toMatchObject({ code: 'not-found' });
  await expect(ask('vpp', { about: 'weather' })).rejects.toMatchObject({ code: 'validation-failed' });
  expect((await metrics()).filter((line) => line.includes('scope="vip"'))).toEqual([
    'maglev_vpp_lbsync_total{kind="as_weight_updated",scope="vip"} 1',
  ]);
});

it('R14: while VPP is away its metrics are, and when it is back all of it is made without anybody asking', async () => {
  await vpp.fake.stop();
  await until('it to be missed', async () => (await metrics()).includes('maglev_vpp_connected{} 0'));
  expect((await metrics()).filter((line) => /seconds|info|packets/.test(line))).toEqual([]);
  expect(await ask<VppInfo>('vpp', { about: 'info' })).toMatchObject({ connected: false });
  await vpp.fake.restart();
  await until('its table to be made again', () => vpp.fake.plugin.vips.length === 1);
  await until('it to be ready', async () => (await site.state()).state === 'ready');
});
