import fc from 'fast-check';
import { PLUGIN_API } from '../plugin-protocol.js';
import type { Resource } from '../resource.js';
import { validateResource } from '../validate.js';
import { poolMemberName } from './balance/pool-member.js';
import { BALANCE_API } from './balance/specs.js';
import { RESOURCE_SCHEMA } from './config/resource-schema.js';
import { SINK_API } from './config/sink-specs.js';
import { FEDERATION_API } from './specs.js';

/** Few names, addresses and ports, so that resources meet often. */
const names = fc.constantFrom('a', 'b', 'c');
const vips = fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1');
const groups = fc.constantFrom('north', 'south');
const ports = fc.constantFrom(80, 443);

const made = (kind: string, name: string, spec: object): Resource =>
  validateResource({ apiVersion: BALANCE_API, kind, metadata: { name }, spec });

const renamable = (name: string, renamedFrom: string | undefined): Resource =>
  validateResource({
    apiVersion: PLUGIN_API,
    kind: 'Plugin',
    metadata: { name, ...(renamedFrom !== undefined && { renamedFrom }) },
    spec: { executable: '/x' },
  });

const backends = fc
  .record({
    address: fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3', 'fd00::1', 'fd00::2'),
    port: fc.constant(8080),
    dependsOn: fc.option(fc.uniqueArray(names, { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 2 }),
  })
  .map(({ dependsOn, ...spec }) => ({ ...spec, ...(dependsOn && { dependsOn }) }));
const inline = fc.option(
  fc
    .uniqueArray(names, { minLength: 1, maxLength: 2 })
    .map((found) => Object.fromEntries(found.map((name) => [name, {}]))),
  { nil: undefined },
);

/** A resource that set rules are about, or that they look at. */
export const resourcesThatMeet: fc.Arbitrary<Resource> = fc.oneof(
  fc
    .tuple(names, fc.option(names, { nil: undefined }))
    .filter(([name, renamedFrom]) => name !== renamedFrom)
    .map(([name, renamedFrom]) => renamable(name, renamedFrom)),
  fc
    .tuple(names, backends)
    .filter(([name, { dependsOn = [] }]) => !dependsOn.includes(name))
    .map(([name, spec]) => made('Backend', name, spec)),
  fc
    .tuple(names, inline)
    .map(([name, written]) => made('Pool', name, written === undefined ? {} : { backends: written })),
  fc
    .tuple(names, names)
    .map(([poolRef, backendRef]) =>
      made('PoolMember', poolMemberName({ poolRef, backendRef }), { poolRef, backendRef }),
    ),
  fc.tuple(names, names).map(([frontendRef, backendRef]) =>
    made('PoolMember', poolMemberName({ frontendRef, backendRef }), {
      frontendRef,
      pool: 'primary',
      backendRef,
    }),
  ),
  fc.tuple(names, vips, fc.option(ports), inline).map(([name, address, port, written]) =>
    made('Frontend', name, {
      address,
      ...(port !== null && { protocol: 'tcp', port }),
      pools: [{ name: 'primary', ...(written && { backends: written }) }],
    }),
  ),
  fc.tuple(names, vips).map(([name, address]) => made('LoadBalancer', name, { address })),
  fc.tuple(names, names).map(([name, vipClaim]) => made('LoadBalancer', name, { vipClaim })),
  fc
    .tuple(names, names, ports, fc.uniqueArray(names, { minLength: 1, maxLength: 2 }))
    .map(([name, loadBalancer, port, pools]) =>
      made('Listener', name, { loadBalancer, protocol: 'http', port, pools }),
    ),
  fc.tuple(names, names, names).map(([name, listener, redirectPool]) =>
    made('L7Policy', name, {
      listener,
      action: 'redirect-to-pool',
      redirectPool,
      position: 1,
    }),
  ),
  fc
    .tuple(names, fc.constantFrom('192.0.2.0/30', '192.0.2.2/31', '198.51.100.0/30'), fc.boolean())
    .map(([name, prefix, serves]) =>
      made('VipPool', name, {
        addresses: [prefix],
        avoidNetworkAndBroadcast: false,
        ...(!serves && { projects: ['lab'] }),
      }),
    ),
  fc
    .tuple(names, names, fc.constantFrom('bird', 'gobgp'), fc.option(groups), fc.option(names))
    .map(([name, vipPool, method, nodeGroup, peer]) =>
      made('Announcement', name, {
        method,
        vipPools: [vipPool],
        ...(nodeGroup !== null && { nodeGroups: [nodeGroup] }),
        ...(peer !== null && { peers: [peer] }),
      }),
    ),
  fc.tuple(names, names, fc.constantFrom(1, 2), groups).map(([name, vipPool, id, nodeGroup]) =>
    made('Announcement', name, {
      method: 'vrrp',
      vipPools: [vipPool],
      nodeGroups: [nodeGroup],
      interface: 'eth0',
      virtualRouterIds: [id],
    }),
  ),
  fc
    .tuple(names, fc.uniqueArray(groups))
    .map(([name, inGroups]) => made('Node', name, { driver: 'sim', groups: inGroups })),
  fc.tuple(names, fc.option(vips), fc.option(fc.constantFrom('one', 'two'))).map(([name, address, key]) =>
    made('VipClaim', name, {
      ...(address !== null && { address }),
      ...(key !== null && { sharingKey: key }),
    }),
  ),
  fc.tuple(fc.constantFrom('a', 'b', 'A'), ports).map(([name, port]) =>
    validateResource({
      apiVersion: FEDERATION_API,
      kind: 'EventGroup',
      metadata: { name },
      spec: { nodeName: 'n', auth: { secretFile: '/s' }, listen: { address: '192.0.2.9', port } },
    }),
  ),
  fc.tuple(names, fc.constantFrom('a', 'b')).map(([name, groupRef]) =>
    validateResource({
      apiVersion: FEDERATION_API,
      kind: 'FederationSLO',
      metadata: { name },
      spec: { groupRef },
    }),
  ),
  fc.tuple(names, fc.constantFrom('Route', 'Peer')).map(([name, kind]) =>
    validateResource({
      apiVersion: RESOURCE_SCHEMA.apiVersion,
      kind: RESOURCE_SCHEMA.kind,
      metadata: { name },
      spec: { apiVersion: 'net.example/v1', kind, schema: {} },
    }),
  ),
  fc
    .tuple(
      names,
      fc.constantFrom(
        { file: { path: '/sinks/a' } },
        { natsKv: { bucket: 'a' } },
        { natsKv: { bucket: 'a', prefix: 'b' } },
        { webhook: { url: 'https://hooks.example.net' } },
      ),
    )
    .map(([name, spec]) =>
      validateResource({ apiVersion: SINK_API, kind: 'ConfigSink', metadata: { name }, spec }),
    ),
);
