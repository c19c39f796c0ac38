import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FEDERATION_API } from '@signalbox/contracts';
import type { Problem } from '@signalbox/runtime';
import type { DoctorReport } from '../domain/doctor/report.js';
import type { SiteContext } from '../start/context-file.js';
import { ApiSite } from '../testing/api-site.fixture.js';

const START_MS = 60_000;
let site: ApiSite;

const doctor = async (query = ''): Promise<DoctorReport> =>
  (await site.call<DoctorReport>(`/v1/doctor${query}`)).body;

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  site.useContext(
    JSON.parse(readFileSync(join(site.config.stateDir, 'context.json'), 'utf8')) as SiteContext,
  );
  site.followJournal();
}, START_MS);
afterAll(() => site.destroy(), START_MS);

it('looks at NATS, Postgres, disk and keys as they are, and tells which services are away', async () => {
  const { checks, summary, federation } = await doctor();
  const statusOf = (code: string): string | undefined => checks.find((check) => check.code === code)?.status;
  expect(statusOf('nats-version')).toBe('pass');
  expect(statusOf('nats-max-payload')).toBe('pass');
  expect(checks.find(({ code }) => code === 'postgres-version')?.detail).toMatch(/^version \d+/);
  expect(statusOf('disk-free')).toBeDefined();
  expect(checks.find(({ code }) => code === 'key-file')).toMatchObject({ status: 'pass' });
  expect(checks.find(({ name }) => name === 'Postgres' && name)).toBeDefined();
  // api runs alone here
  expect(checks).toContainEqual(
    expect.objectContaining({ code: 'service-ready', name: 'ingest', status: 'fail' }),
  );
  expect(checks).toContainEqual(
    expect.objectContaining({ code: 'service-ready', name: 'api', status: 'pass' }),
  );
  expect(summary.overall).toBe('fail');
  expect(federation.slo.groups).toMatchObject([{ group: 'default', defined: false, violations: [] }]);
});

it('O3 tells of peers but ourselves, and of what no delivery is known of', async () => {
  const peer = (name: string, nodeName: string): object => ({
    apiVersion: FEDERATION_API,
    kind: 'EventPeer',
    metadata: { name },
    spec: { groupRef: 'edge', nodeName, endpoint: 'http://192.0.2.1:8787' },
  });
  const group = {
    apiVersion: FEDERATION_API,
    kind: 'EventGroup',
    metadata: { name: 'edge' },
    spec: { nodeName: 'we', auth: { mode: 'hmac', secretFile: '/nowhere/edge.key' } },
  };
  const { status } = await site.call('/v1/apply', {
    method: 'POST',
    body: [group, peer('cloud', 'cloud'), peer('ourselves', 'we')]
      .map((one) => JSON.stringify(one))
      .join('\n---\n'),
    headers: { 'content-type': 'application/yaml' },
  });
  expect(status).toBe(200);
  const { checks } = await doctor('?area=federation,keys');
  expect([...new Set(checks.flatMap(({ peer }) => peer ?? []))]).toEqual(['cloud']);
  expect(checks).toContainEqual(
    expect.objectContaining({ code: 'expected-delivery', peer: 'cloud', status: 'skip' }),
  );
  expect(checks).toContainEqual(
    expect.objectContaining({ area: 'keys', status: 'skip', name: 'EventGroup/edge /nowhere/edge.key' }),
  );
});

it('O7 has a plan when it is asked for, and only the areas that are asked for', async () => {
  expect(await doctor()).not.toHaveProperty('remediationPlan');
  const { checks, remediationPlan } = await doctor('?area=services&plan');
  expect([...new Set(checks.map(({ area }) => area))]).toEqual(['services']);
  expect(remediationPlan?.actions).toContainEqual(
    expect.objectContaining({ action: 'inspect-service', targetResource: 'ingest', safe: true }),
  );
  expect((await site.call<Problem>('/v1/doctor?area=weather')).body).toMatchObject({
    status: 422,
    code: 'validation-failed',
  });
});
