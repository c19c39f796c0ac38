import { BALANCE_API, keyOf, poolMemberName, type Resource } from '@signalbox/contracts';
import type { Standing } from '../domain/plan-changeset.js';

/** Builders of load-balancing resources for tests of what changes them. */

export const balanceResource = (kind: string, name: string, spec: object, project?: string): Resource => ({
  apiVersion: BALANCE_API,
  kind,
  metadata: { name, ...(project !== undefined && { project }) },
  spec: { ...spec },
});

export const aBackend = (name: string, address: string): Resource =>
  balanceResource('Backend', name, { address });
export const aLoadBalancer = (name: string, address = '192.0.2.1'): Resource =>
  balanceResource('LoadBalancer', name, { address });
export const aListener = (name: string, loadBalancer: string, port: number, ...pools: string[]): Resource =>
  balanceResource('Listener', name, { loadBalancer, protocol: 'tcp', port, pools });
export const aPool = (name: string, spec: object = {}): Resource => balanceResource('Pool', name, spec);
export const aMember = (poolRef: string, backendRef: string): Resource =>
  balanceResource('PoolMember', poolMemberName({ poolRef, backendRef }), { poolRef, backendRef });

/** These resources as they stand, each at revision 1. */
export const standingOf = (...resources: Resource[]): Standing =>
  new Map(resources.map((resource) => [keyOf(resource), { resource, revision: 1 }]));
