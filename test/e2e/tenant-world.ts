import { BALANCE_API, type Resource } from '@signalbox/contracts';
import { resource } from './manifests.js';

/** A tenant and what tells it from another one: everything that it has is named as what the other has. */
export interface Tenant {
  readonly org: string;
  readonly project: string;
  /** First two bytes of the addresses of its backends. */
  readonly net: string;
  /** The address that it writes itself. */
  readonly vip: string;
  /** A name that only it uses. */
  readonly only: string;
  /** What its descriptions say. */
  readonly secret: string;
}

export const ACME: Tenant = {
  ...{ org: 'acme', project: 'acme-web', net: '10.71', vip: '192.0.2.71', only: 'only-of-acme' },
  secret: 'plans of Acme',
};
export const BETA: Tenant = {
  ...{ org: 'beta', project: 'beta-web', net: '10.72', vip: '192.0.2.72', only: 'only-of-beta' },
  secret: 'plans of Beta',
};

/** Texts of which none may stand in an answer to another tenant. */
export function marksOf({ org, project, net, vip, only, secret }: Tenant): readonly string[] {
  return [`"${org}"`, project, `${net}.`, vip, only, secret];
}

/** What the site has for its tenants. */
export function siteWorld(): Resource[] {
  return [
    ...[ACME, BETA].flatMap(({ org, project, secret }) => [
      resource(BALANCE_API, 'Org', org, { description: secret }),
      resource(BALANCE_API, 'Project', project, { org, description: secret }),
    ]),
    resource(BALANCE_API, 'VipPool', 'edge', { addresses: ['198.51.100.0/28'], quarantine: '1h' }),
    resource(BALANCE_API, 'VipPool', `pool-${BETA.only}`, {
      addresses: ['203.0.113.0/28'],
      projects: [BETA.project],
      description: BETA.secret,
    }),
  ];
}

/** Everything that a tenant can have, once as `same` and once under the name that only it uses. */
export function tenantWorld(tenant: Tenant): Resource[] {
  return [...namedWorld(tenant, 'same', 80), ...namedWorld(tenant, tenant.only, 8080)];
}

function namedWorld({ project, net, vip, secret }: Tenant, name: string, port: number): Resource[] {
  const at = port === 80 ? 1 : 2;
  const specs: readonly (readonly [kind: string, name: string, spec: object])[] = [
    ['HealthCheck', name, { type: 'push', params: { ttl: '1h' } }],
    ['Backend', name, { address: `${net}.0.${at}`, port, healthcheck: name }],
    ['Backend', `${name}-static`, { address: `${net}.1.${at}`, port, dependsOn: [name] }],
    ['Backend', `${name}-front`, { address: `${net}.2.${at}`, port }],
    ['VipClaim', name, { description: secret }],
    ['LoadBalancer', name, { vipClaim: name, description: secret }],
    ['Pool', name, { backends: { [name]: {} }, description: secret }],
    ['PoolMember', `pool/${name}/${name}-static`, { poolRef: name, backendRef: `${name}-static` }],
    ['Certificate', name, { file: `/etc/${project}/${name}.pem` }],
    [
      'Listener',
      name,
      {
        ...{ loadBalancer: name, protocol: 'terminated-https', port: 443, pools: [name] },
        ...{ tls: { certificates: [name] }, description: secret },
      },
    ],
    ['L7Policy', name, { listener: name, action: 'reject', position: 1 }],
    ['L7Rule', name, { policy: name, type: 'path', compare: 'starts-with', value: `/${project}` }],
    [
      'Frontend',
      `${name}-front`,
      {
        ...{ address: vip, protocol: 'tcp', port, description: secret },
        pools: [{ name: 'main', backends: { [`${name}-front`]: {} } }],
      },
    ],
    ['BackendSource', name, { pool: name, facts: { group: 'default', type: 'vm.up' }, description: secret }],
    ['MaintenanceWindow', name, { from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' }],
  ];
  return specs.map(([kind, own, spec]) => within(project, resource(BALANCE_API, kind, own, spec)));
}

/** The same resource in a project. */
export function within(project: string, one: Resource): Resource {
  return { ...one, metadata: { ...one.metadata, project } };
}
