import { keyOf, refOf, refText, type Resource } from '../../resource.js';
import { isOfKind, type ReferenceFieldError, type SetRule } from '../kind.js';
import { FRONTEND } from './frontend.js';
import { LOAD_BALANCER } from './load-balancer.js';
import { noPoolText, VIP_CLAIM } from './vip-claim.js';
import { VIP_POOL } from './vip-pool.js';
import { VipPoolIndex } from './vip-pool-index.js';
import { isUsable, serves, type VipPoolModel, vipPoolModel } from './vip-pool-model.js';
import { mayShare, type VipWish, vipWish } from './vip-wish.js';

const POOLS = 'VipPools that grant';
/** A pool may take in the address of any of them. */
const WISHES = 'wishes for VIPs';

interface Asking {
  readonly resource: Resource;
  readonly wish: VipWish;
}

/** Errors by the key of the resource. */
type Errors = Map<string, ReferenceFieldError[]>;

/**
 * What asks for a VIP fits the VipPools, as far as that can be known without the leases: its pool serves its project and
 * may grant its address, and no two that cannot share ask for one address. ADR 0025.
 */
export const VIPS_FIT: SetRule = {
  about: [VIP_POOL, VIP_CLAIM, LOAD_BALANCER, FRONTEND],
  needsReferences: true,
  helpedBy: [VIP_POOL],
  places(resource) {
    if (isOfKind(resource, VIP_POOL)) return [POOLS];
    const wish = vipWish(resource);
    if (!wish) return [];
    return wish.address === undefined ? [WISHES] : [WISHES, `wish for ${wish.address}`];
  },
  *near(resource, { at }) {
    yield* at(POOLS);
    if (isOfKind(resource, VIP_POOL)) yield* at(WISHES);
    const address = vipWish(resource)?.address;
    if (address !== undefined) yield* at(`wish for ${address}`);
  },
  over(resources) {
    const pools = new Map<string, Resource>();
    const asking: Asking[] = [];
    for (const resource of resources) {
      if (isOfKind(resource, VIP_POOL)) pools.set(resource.metadata.name, resource);
      const wish = vipWish(resource);
      if (wish) asking.push({ resource, wish });
    }
    const errors: Errors = new Map();
    const index = new VipPoolIndex([...pools.values()].map(vipPoolModel));
    const first = new Map<string, Asking>();
    for (const one of asking) {
      checkPool(one, index, pools, errors);
      const { address } = one.wish;
      if (address === undefined || !index.poolOf(address)) continue;
      const other = first.get(address);
      if (!other) first.set(address, one);
      else if (!mayShare(one.wish, other.wish)) {
        tell(errors, one.resource, clash(address, one.resource, other.resource));
        tell(errors, other.resource, clash(address, other.resource, one.resource));
      }
    }
    return (resource) => errors.get(keyOf(resource)) ?? [];
  },
};

/** What one asker may know of another: of other projects nothing but that they are there. */
function clash(address: string, asking: Resource, other: Resource): ReferenceFieldError {
  const isNear = refOf(asking).project === refOf(other).project;
  const who = isNear ? `by ${refText(refOf(other))}, which does not share it` : 'in another project';
  return { pointer: '/spec/address', message: `${address} is asked for ${who}: choose another address` };
}

function checkPool(
  { resource, wish }: Asking,
  index: VipPoolIndex,
  pools: ReadonlyMap<string, Resource>,
  errors: Errors,
): void {
  const { address, project } = wish;
  const named = wish.pool === undefined ? undefined : index.get(wish.pool);
  if (wish.pool !== undefined && !named) return; // the reference is told as missing
  if (named && !serves(named, project))
    return tell(errors, resource, {
      pointer: '/spec/pool',
      message: noPoolText(named.name, project),
      missing: refOf(pools.get(named.name)!),
    });
  if (address === undefined) return checkAutomatic({ resource, wish }, named ? [named] : index.all, errors);
  const covering = index.poolOf(address);
  if (named && covering !== named)
    return tell(errors, resource, {
      pointer: '/spec/address',
      message: `${address} is no address of VipPool/${named.name}`,
    });
  if (!covering) {
    if (wish.holder.kind !== 'VipClaim') return undefined; // an address that nobody hands out
    return tell(errors, resource, {
      pointer: '/spec/address',
      message: noAddressText(address, project),
    });
  }
  if (!serves(covering, project)) {
    const isClaim = wish.holder.kind === 'VipClaim';
    const message = isClaim
      ? noAddressText(address, project)
      : `${address} is not handed out in project ${project}: choose another address`;
    tell(errors, resource, { pointer: '/spec/address', message });
    const { name } = covering;
    const why = `${refText(refOf(resource))} has ${address} of it, and it does not serve project ${project}`;
    tell(errors, pools.get(name)!, { pointer: '/spec/projects', message: why });
  } else if (!isUsable(covering, address)) {
    const message = `${address} is the network or broadcast address of a prefix of VipPool/${covering.name}, which avoids these`;
    tell(errors, resource, { pointer: '/spec/address', message });
  }
  return undefined;
}

/** One text for an address of no pool and for one of a pool of others: a claim does not learn which. */
function noAddressText(address: string, project: string): string {
  return `${address} is an address of no VipPool that serves project ${project}: correct it, or write it in the LoadBalancer`;
}

function checkAutomatic({ resource, wish }: Asking, pools: readonly VipPoolModel[], errors: Errors): void {
  const { project, family, pool } = wish;
  const able = pools.some(
    (one) =>
      (pool !== undefined || one.autoAssign) &&
      serves(one, project) &&
      (family === undefined || one.ranges.some((range) => range.family === family)),
  );
  if (able) return;
  const which = family === undefined ? 'addresses' : `${family} addresses`;
  if (pool !== undefined) {
    const message = `VipPool/${pool} has no ${which}`;
    return tell(errors, resource, { pointer: family === undefined ? '/spec/pool' : '/spec/family', message });
  }
  const message = `no VipPool hands out ${which} in project ${project}: declare one, or name its address`;
  tell(errors, resource, { pointer: '/spec', message });
}

function tell(errors: Errors, resource: Resource, error: ReferenceFieldError): void {
  const told = errors.get(keyOf(resource));
  if (told) told.push(error);
  else errors.set(keyOf(resource), [error]);
}
