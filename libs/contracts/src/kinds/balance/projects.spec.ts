import { describe, expect, it } from '@jest/globals';
import { checkSet } from '../../references.js';
import { keyOf, refOf, refText, type Resource } from '../../resource.js';
import { sample, type SampleKind } from '../sample-resources.fixture.js';
import { coveringWindow, namedWindow } from './covering-window.js';

const within = (project: string, kind: SampleKind, name: string, spec: Record<string, unknown>): Resource =>
  sample(kind, { metadata: { name, project }, spec });
const backend = (project: string, name: string, spec: Record<string, unknown> = {}): Resource =>
  within(project, 'Backend', name, { address: '10.0.0.1', healthcheck: null, ...spec });
const frontend = (project: string, spec: Record<string, unknown> = {}): Resource =>
  within(project, 'Frontend', 'web', {
    address: '192.0.2.1',
    protocol: 'tcp',
    port: 80,
    pools: [{ name: 'a', backends: { n1: {} } }],
    ...spec,
  });

function errorsOf(resources: readonly Resource[], touched: readonly Resource[] = resources): string[] {
  const set = new Map(resources.map((resource) => [keyOf(resource), resource]));
  return checkSet(set, touched.map(refOf)).flatMap(({ ref, errors }) =>
    errors.map(({ pointer, message }) => `${refText(ref)} ${pointer} ${message}`),
  );
}

describe('a reference', () => {
  it('leads to what has the name in its own project', () => {
    const check = within('lab', 'HealthCheck', 'ping', {});
    const other = frontend('default', { address: '192.0.2.2' });
    const using = backend('lab', 'n1', { healthcheck: 'ping', dependsOn: ['n2'] });
    const set = [check, using, backend('lab', 'n2', { address: '10.0.0.2' }), frontend('lab')];
    expect(errorsOf([...set, backend('default', 'n1', { address: '2001:db8::1' })])).toEqual([]);
    expect(errorsOf([...set, other], [other])).toEqual([
      'Frontend/web /spec/pools/0/backends/n1 Backend/n1 does not exist: declare it or correct the name',
    ]);
  });

  it.each([
    [
      'Frontend/lab/web /spec/pools/0/backends/n1 Backend/n1 does not exist in project lab: declare it there or correct the name',
      frontend('lab'),
    ],
    [
      'Backend/lab/n2 /spec/healthcheck HealthCheck/ping does not exist in project lab: declare it there or correct the name',
      backend('lab', 'n2', { healthcheck: 'ping' }),
    ],
    [
      'Backend/lab/n2 /spec/dependsOn/0 Backend/n1 does not exist in project lab: declare it there or correct the name',
      backend('lab', 'n2', { dependsOn: ['n1'] }),
    ],
  ])('to another project does not resolve: %s', (told, asking) => {
    const others = [within('default', 'HealthCheck', 'ping', {}), backend('default', 'n1')];
    expect(errorsOf([...others, backend('ops', 'n1'), asking], [asking])).toEqual([told]);
  });

  it('of a PoolMember leads to the frontend and the backend of its project', () => {
    const spec = { frontendRef: 'web', backendRef: 'n2', pool: 'a', weight: 1 };
    const member = within('lab', 'PoolMember', 'web/n2', spec);
    const defaults = [backend('default', 'n1'), backend('default', 'n2', { address: '10.0.0.2' })];
    const elsewhere = frontend('default', { address: '192.0.2.2' });
    expect(errorsOf([...defaults, elsewhere, member], [member])).toEqual([
      'PoolMember/lab/web/n2 /spec/frontendRef Frontend/web does not exist in project lab: declare it there or correct the name',
      'PoolMember/lab/web/n2 /spec/backendRef Backend/n2 does not exist in project lab: declare it there or correct the name',
    ]);
    const lab = [backend('lab', 'n1'), backend('lab', 'n2', { address: '10.0.0.2' }), frontend('lab')];
    expect(errorsOf([...defaults, elsewhere, ...lab, member])).toEqual([]);
  });

  it('is missed when what it leads to is deleted in its project, not in another', () => {
    const set = [backend('lab', 'n1'), frontend('lab')];
    expect(errorsOf(set, [backend('default', 'n1')])).toEqual([]);
    expect(errorsOf(set.slice(1), [backend('lab', 'n1')])).toHaveLength(1);
  });
});

it('a VIP is that of one Frontend among all projects', () => {
  const set = [backend('default', 'n1'), backend('lab', 'n1'), frontend('default'), frontend('lab')];
  expect(errorsOf(set)).toEqual([
    'Frontend/web /spec/address another project already serves tcp port 80 of 192.0.2.1',
    'Frontend/lab/web /spec/address another project already serves tcp port 80 of 192.0.2.1',
  ]);
  expect(errorsOf([...set.slice(0, 3), frontend('lab', { port: 81 })])).toEqual([]);
});

describe('a MaintenanceWindow', () => {
  const hours = {
    from: '2026-05-30T12:00:00Z',
    to: '2026-05-30T13:00:00Z',
    backends: null,
    frontends: null,
    reason: null,
  };
  const covers = (project: string, spec: Record<string, unknown>, name: string): string | undefined => {
    const window = namedWindow(within(project, 'MaintenanceWindow', 'night', { ...hours, ...spec }));
    return coveringWindow('backends', name, [window], Date.parse('2026-05-30T12:30:00Z'));
  };

  it.each([
    ['default', {}, 'n1', 'MaintenanceWindow/night'],
    ['default', {}, 'lab/n1', 'MaintenanceWindow/night'],
    ['lab', {}, 'lab/n1', 'MaintenanceWindow/lab/night'],
    ['lab', {}, 'n1', undefined],
    ['lab', {}, 'ops/n1', undefined],
    ['lab', { backends: ['n1'] }, 'lab/n1', 'MaintenanceWindow/lab/night'],
    ['lab', { backends: ['n1'] }, 'n1', undefined],
    ['default', { backends: ['n1'] }, 'n1', 'MaintenanceWindow/night'],
    ['default', { backends: ['n1'] }, 'lab/n1', undefined],
    ['default', { backends: ['lab/n1'] }, 'lab/n1', undefined],
  ])('of %s with %j covers %s: %s', (project, spec, name, told) => {
    expect(covers(project, spec, name)).toBe(told);
  });
});
