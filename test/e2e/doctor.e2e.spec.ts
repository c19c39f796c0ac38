import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { FEDERATION_API, type Resource } from '@signalbox/contracts';
import { CHECKOUT, type Site, until } from '@signalbox/testing';
import type { DoctorReport } from '../../apps/api/src/domain/doctor/report.js';
import type { ExplainAnswer } from '../../apps/cli/src/rest/answers.js';
import {
  delivered,
  emit,
  FederatedPair,
  findFact,
  GROUP,
  observation,
  ONPREM_NODE,
} from './federated-pair.js';
import { GoPeer } from './go-peer.js';
import { manifest, resource } from './manifests.js';

jest.setTimeout(300_000);

/** Labels that would have a value for each fact. Reference 9.4. */
const FORBIDDEN = ['event_id', 'subject', 'address', 'dedupe_key', 'endpoint', 'error'];

let pair: FederatedPair;

const doctor = async (site: Site, query = ''): Promise<DoctorReport> =>
  (await site.rest<DoctorReport>('GET', `/v1/doctor${query}`)).body;

async function counted(site: Site, name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const lines = (await site.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`));
  const found = lines.filter((line) =>
    Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)),
  );
  return found.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

beforeAll(async () => {
  pair = await FederatedPair.start();
  const example = join(CHECKOUT, 'examples', 'plugins', 'event-to-remote-claim');
  await pair.cloud.addPlugin('event-to-remote-claim', await readFile(example, 'utf8'));
  await pair.applyExamples();
}, 300_000);

afterAll(() => pair?.stop(), 300_000);

describe('is it healthy?', () => {
  it('O1 Q1 all is delivered: no check of federation warns or fails, the exit code is 0 and nothing is to be done', async () => {
    const fact = observation({ subject: '10.88.60.1/32', payload: { ownerSide: 'onprem' } });
    await emit(pair.onprem, GROUP, fact);
    await delivered(pair.onprem, fact.id);
    const report = await until('the delivery to be counted', async () => {
      const found = await doctor(pair.onprem, '?area=federation,clock&plan');
      return found.federation.totalDelivered > 0 && found;
    });
    expect(report.checks.filter(({ status }) => status === 'fail' || status === 'warn')).toEqual([]);
    expect(report.checks.map(({ code }) => code)).toContain('delivery-lag');
    expect(report.remediationPlan?.actions).toEqual([]);
    expect((await pair.onprem.cli('doctor', 'federation')).code).toBe(0);
  });

  it('O10 facts that a peer does not want are not missed', async () => {
    await emit(pair.onprem, GROUP, observation({ type: 'local.only', subject: 'x' }));
    const { checks } = await doctor(pair.onprem, '?area=federation');
    expect(checks).toContainEqual(
      expect.objectContaining({ code: 'expected-delivery', peer: 'cloud', status: 'pass' }),
    );
    expect(checks).toContainEqual(
      expect.objectContaining({ code: 'pending-deliveries', peer: 'cloud', status: 'pass' }),
    );
  });

  it('O12 a peer that is ten minutes off is told at the receiver, and at the sender', async () => {
    const sender = new GoPeer(pair.endpoint, pair.secret);
    const event = { ...observation({ subject: '10.88.60.77/32' }), group: GROUP, sourceNode: ONPREM_NODE };
    expect((await sender.push(event, { skewSeconds: 600 })).status).toBe(403);
    const clockOf = async (site: Site, peer: string): Promise<object | undefined> =>
      (await doctor(site, '?area=clock')).checks.find((check) => check.peer === peer);
    expect(await clockOf(pair.cloud, ONPREM_NODE)).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(/is (599|600|601) s ahead/),
    });
    expect(await findFact(pair.cloud, GROUP, event.id)).toBeUndefined();

    const late = createServer((_request, response) => {
      response.setHeader('date', new Date(Date.now() - 600_000).toUTCString());
      response.writeHead(401).end('stale timestamp');
    });
    await new Promise<void>((resolve) => late.listen(0, '127.0.0.1', resolve));
    try {
      const endpoint = `http://127.0.0.1:${(late.address() as AddressInfo).port}`;
      const spec = { groupRef: GROUP, nodeName: 'late-node', endpoint, types: ['late.only'] };
      await pair.onprem.apply(manifest(resource(FEDERATION_API, 'EventPeer', 'late', spec)));
      await emit(pair.onprem, GROUP, observation({ type: 'late.only', subject: 'y' }));
      await until('the clock of the peer', async () => {
        const { status = '' } = Object((await clockOf(pair.onprem, 'late')) ?? {}) as { status?: string };
        return status === 'fail';
      });
      const { checks } = await doctor(pair.onprem, '?area=federation');
      expect(checks).toContainEqual(
        expect.objectContaining({ code: 'pending-deliveries', peer: 'late', status: 'warn' }),
      );
    } finally {
      await pair.onprem.cli('delete', 'EventPeer', 'late');
      await new Promise((resolve) => late.close(resolve));
    }
  });

  it('O13 one event by its id: emitted, delivered, matched, run, part, merged', async () => {
    const fact = observation({
      subject: '10.88.60.13/32',
      payload: { address: '10.88.60.13/32', ownerSide: 'onprem' },
    });
    await emit(pair.onprem, GROUP, fact);
    const path = `/v1/groups/${GROUP}/events/${fact.id}/explain`;
    const sent = await until('the delivery in the explanation', async () => {
      const { body } = await pair.onprem.rest<ExplainAnswer>('GET', path);
      return body.deliveries?.some(({ status }) => status === 'delivered') && body;
    });
    expect(sent).toMatchObject({
      event: { id: fact.id, own: true },
      deliveries: [{ peer: 'cloud', attempts: 1 }],
    });
    const received = await until('the whole chain', async () => {
      const { status, body } = await pair.cloud.rest<ExplainAnswer>('GET', path);
      return status === 200 && body.resources.length > 0 && body;
    });
    expect(received).toMatchObject({
      event: { id: fact.id, own: false, sourceNode: ONPREM_NODE },
      decisions: [{ subscription: 'cloud-claims', matched: true }],
      runs: [{ state: 'succeeded', facts: [{ id: fact.id }] }],
      parts: [{ state: 'active' }],
    });
    const { stdout } = await pair.onprem.cli('event', 'explain', fact.id, '--group', GROUP);
    expect(stdout).toMatch(/cloud delivered at /);
  });

  it('O8 deliveries and pushes are counted exactly, and no label has a value for each fact', async () => {
    const sent = { group: GROUP, peer: 'cloud', status: 'delivered' };
    const taken = { group: GROUP, outcome: 'accepted' };
    const facts = [1, 2, 3].map((n) => observation({ subject: `10.88.61.${n}/32` }));
    const before = [
      await counted(pair.onprem, 'signalbox_deliveries_total', sent),
      await counted(pair.cloud, 'signalbox_receiver_pushes_total', taken),
    ];
    for (const fact of facts) await emit(pair.onprem, GROUP, fact);
    for (const { id } of facts) await delivered(pair.onprem, id);
    expect([
      await counted(pair.onprem, 'signalbox_deliveries_total', sent),
      await counted(pair.cloud, 'signalbox_receiver_pushes_total', taken),
    ]).toEqual(before.map((count) => count + facts.length));
    const text = (await pair.onprem.metrics()) + (await pair.cloud.metrics());
    for (const label of FORBIDDEN)
      expect(text).not.toMatch(new RegExp(`signalbox_(deliver|receiver|fact)[^\\n]*[{,]${label}="`));
  });

  it('Q7 malformed, of a wrong structure, wrongly signed: each is refused, nothing is stored, and a valid one still arrives', async () => {
    const peer = new GoPeer(pair.endpoint, pair.secret);
    const event = { ...observation({ subject: '10.88.62.1/32' }), group: GROUP, sourceNode: ONPREM_NODE };
    const before = (await peer.status()).received;
    const answers = [
      await peer.push('{"id": '),
      await peer.push({ id: 7 }),
      await peer.push(event, { secret: 'not-the-secret' }),
    ];
    for (const { status } of answers) expect([400, 401, 403]).toContain(status);
    expect((await peer.status()).received).toBe(before);
    expect(await findFact(pair.cloud, GROUP, event.id)).toBeUndefined();
    const fact = observation({ subject: '10.88.62.2/32' });
    await emit(pair.onprem, GROUP, fact);
    await delivered(pair.onprem, fact.id);
  });

  it('Q8 O6 two groups with different thresholds are both told, each with its own', async () => {
    const group = resource(FEDERATION_API, 'EventGroup', 'second', { nodeName: ONPREM_NODE });
    const slo = (name: string, groupRef: string, lagFailSeconds: number): Resource =>
      resource(FEDERATION_API, 'FederationSLO', name, {
        groupRef,
        delivery: { lagWarnSeconds: lagFailSeconds - 1, lagFailSeconds },
      });
    const resources = [group, slo('first-slo', GROUP, 777), slo('second-slo', 'second', 30)];
    await pair.onprem.apply(manifest(...resources));
    const { stdout } = await pair.onprem.cli('doctor', 'federation', '-o', 'json');
    const { federation, checks } = JSON.parse(stdout) as DoctorReport;
    expect(federation.slo.groups).toMatchObject([
      { group: GROUP, defined: true, thresholds: { delivery: { lagFailSeconds: 777 } }, violations: [] },
      { group: 'default', defined: false, thresholds: { delivery: { lagFailSeconds: 180 } } },
      { group: 'second', defined: true, thresholds: { delivery: { lagFailSeconds: 30 } }, violations: [] },
    ]);
    expect(checks.filter(({ group: of }) => of === 'second').every(({ peer }) => peer === undefined)).toBe(
      true,
    );
  });

  it('the lag of what was just delivered passes', async () => {
    const { checks } = await doctor(pair.onprem, '?area=federation');
    expect(checks.find(({ code }) => code === 'delivery-lag')).toMatchObject({ status: 'pass' });
  });

  it('doctor looks at the whole site, check and top say it in lines, a bundle holds no secret', async () => {
    const { checks } = await doctor(pair.onprem);
    const failed = checks.filter(({ status }) => status === 'fail');
    expect(failed).toEqual([]);
    expect(checks.filter(({ area }) => area === 'services' && true).length).toBeGreaterThan(8);
    expect(checks).toContainEqual(
      expect.objectContaining({ area: 'consumers', code: 'consumer-lag', status: 'pass' }),
    );
    expect((await pair.onprem.cli('check', 'peer', 'cloud')).stdout).toMatch(/^SIGNALBOX OK - /);
    expect((await pair.onprem.cli('top', '--once')).stdout).toContain(`signalbox top  `);
    const bench = await pair.onprem.cli('bench', '--facts', '20', '--group', GROUP, '--yes', '-o', 'json');
    expect(JSON.parse(bench.stdout)).toMatchObject([{ count: 20 }, { what: 'POST one fact', count: 20 }]);

    const planted = { REGION: 'pl4nt3d-in-env' };
    const plugin = resource('plugin.routerd.net/v1alpha1', 'Plugin', 'planted', {
      executable: '/x',
      env: planted,
    });
    await pair.onprem.apply(manifest(plugin));
    const out = join(pair.onprem.secretDir, '..', 'bundle.tar.gz');
    expect((await pair.onprem.cli('support-bundle', '--out', out)).code).toBe(0);
    const text = gunzipSync(await readFile(out)).toString('latin1');
    for (const name of ['doctor.json', 'status.json', 'resources.json', 'about.json'])
      expect(text).toContain(name);
    expect(text).not.toContain('pl4nt3d');
    expect(text).not.toContain(pair.secret);
    expect(text).not.toMatch(/sbx_[A-Za-z0-9]/);
  });
});
