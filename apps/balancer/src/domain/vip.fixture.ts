import {
  BALANCE_API,
  holderKey,
  type Resource,
  type VipPoolModel,
  vipPoolModel,
  type VipPoolSpec,
  type VipWish,
  vipWish,
} from '@signalbox/contracts';
import type { VipAsk } from './vip-granting.js';

/** A VipPool as the balancer sees it. */
export function pool(
  name: string,
  addresses: readonly string[],
  change: Partial<VipPoolSpec> = {},
): VipPoolModel {
  return vipPoolModel(resource('VipPool', name, 'default', { addresses, ...change }));
}

/** What a VipClaim asks for. */
export function claim(name: string, spec: object = {}, project = 'default'): VipAsk {
  return askOf(resource('VipClaim', name, project, spec));
}

/** What a LoadBalancer with a written address asks for. */
export function written(name: string, address: string, project = 'default'): VipAsk {
  return askOf(resource('LoadBalancer', name, project, { address }));
}

/** The same holder, which asks for nothing any more. */
export function gone({ key }: VipAsk): VipAsk {
  return { key, wish: undefined };
}

function askOf(one: Resource): VipAsk {
  const wish: VipWish = vipWish(one)!;
  return { key: holderKey(wish.holder), wish };
}

function resource(kind: string, name: string, project: string, spec: object): Resource {
  return { apiVersion: BALANCE_API, kind, metadata: { name, project }, spec: spec as Resource['spec'] };
}
