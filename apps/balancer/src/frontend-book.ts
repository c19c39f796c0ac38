import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  BALANCE_API,
  type BackendSpec,
  endpointOf,
  type ListenerModel,
  type ModelPool,
  type NamedWindow,
  namedWindow,
  type ResourceRef,
  specOf,
} from '@signalbox/contracts';
import { EffectiveBook } from '@signalbox/store';
import { DataSource } from 'typeorm';
import type { BackendStates } from './backend-states.js';
import type { ChangedConfig } from './domain/changed-config.js';
import type { FrontendView, MemberView, PoolView } from './domain/frontend-view.js';
import type { Find } from './domain/listener-parts.js';
import { LISTENER_KINDS, ListenerModels } from './listener-models.js';
import { ANNOUNCE_KINDS } from './node-vips.js';
import { VIP_KINDS, VipLeases } from './vip-leases.js';
import type { WeightOverrides } from './weight-overrides.js';

/** Kinds that nodes come from. */
export const NODE_KINDS: readonly string[] = ['Node', 'VppDataPlane'];

/** Kind of what brings backends. */
export const SOURCE_KIND = 'BackendSource';

/** Kinds that the balancer reads. */
const KINDS = [
  ...[...LISTENER_KINDS, ...NODE_KINDS, ...VIP_KINDS, ...ANNOUNCE_KINDS],
  ...[SOURCE_KIND, 'MaintenanceWindow'],
];

/**
 * The part of the effective config that is about load balancing, with who is where. A frontend is a listener here, whichever
 * kinds declare it; all names are scoped names.
 */
@Injectable()
export class FrontendBook {
  readonly book: EffectiveBook;
  private readonly listeners: ListenerModels;
  /** Frontends that changed and may not have been decided since. */
  private readonly unsettled = new Set<string>();
  private readonly find: Find = (kind, name) => this.book.get(kind, name);

  /** `vips`: where its load balancers are. */
  constructor(
    bus: Bus,
    dataSource: DataSource,
    readonly vips: VipLeases,
  ) {
    this.book = new EffectiveBook(
      'balancer',
      { apiVersion: BALANCE_API, kinds: new Set(KINDS) },
      bus,
      dataSource,
    );
    this.listeners = new ListenerModels(this.book, (kind, loadBalancer) => vips.vipOf(kind, loadBalancer));
  }

  /** Reads everything; call it once. Returns the names of the frontends. */
  readAll(): string[] {
    return this.listeners.readAll();
  }

  /**
   * Follows a change of the book: names of the frontends that have to be decided again. They stay named until they
   * are {@link settled}, since the same change may be followed again: by then nobody knows where a removed PoolMember
   * was.
   */
  follow(changed: readonly ResourceRef[]): Set<string> {
    for (const name of this.listeners.touchedBy(changed)) this.unsettled.add(name);
    for (const name of this.unsettled) this.listeners.read(name);
    return new Set(this.unsettled);
  }

  /** Everything that {@link follow} named has been decided. */
  settled(): void {
    this.unsettled.clear();
  }

  /** What a frontend comes down to; undefined when it is not in the config. */
  modelOf(name: string): ListenerModel | undefined {
    return this.listeners.get(name);
  }

  /** All of them, in no order. */
  models(): Iterable<ListenerModel> {
    return this.listeners.all();
  }

  /** Frontends that have this backend as a member. */
  usersOf(backend: string): ReadonlySet<string> {
    return this.listeners.usersOf(backend);
  }

  /** Whether a backend stands in a pool of a frontend or of its policies; undefined when the frontend is not there at all. */
  hasMember(frontend: string, pool: string, backend: string): boolean | undefined {
    const model = this.modelOf(frontend);
    if (!model) return undefined;
    const pools = [...model.pools, ...(model.policyPools ?? [])];
    return pools.some(({ name, members }) => name === pool && members.has(backend));
  }

  /** What the rules look at; undefined when the frontend is not in the config. */
  viewOf(name: string, states: BackendStates, overrides: WeightOverrides): FrontendView | undefined {
    const model = this.modelOf(name);
    return model && viewOf(model, this.find, states, overrides);
  }

  /** What the rules would look at of each frontend that a change would touch; undefined: not there. Changes nothing. */
  viewsAfter(
    changed: ChangedConfig,
    states: Pick<BackendStates, 'of'>,
    overrides: WeightOverrides,
  ): Map<string, FrontendView | undefined> {
    const find = changed.over(this.find);
    const models = this.listeners.after(changed);
    return new Map(
      Array.from(models, ([name, model]) => [name, model && viewOf(model, find, states, overrides)]),
    );
  }

  /** Names of the pools of a frontend, in order. */
  poolsOf(name: string): string[] {
    return this.modelOf(name)?.pools.map((pool) => pool.name) ?? [];
  }

  /** Names of the pools of the policies of a frontend. */
  policyPoolsOf(name: string): ReadonlySet<string> {
    return new Set(this.modelOf(name)?.policyPools?.map((pool) => pool.name));
  }

  get windows(): NamedWindow[] {
    return this.book.all('MaintenanceWindow').map(namedWindow);
  }
}

function viewOf(
  model: ListenerModel,
  find: Find,
  states: Pick<BackendStates, 'of'>,
  overrides: WeightOverrides,
): FrontendView {
  const { name, flushOnDown, failbackDelayMs, minUp, poolActivation, slowStartMs, allDown } = model;
  const viewed = ({ name: pool, members }: ModelPool): PoolView => ({
    name: pool,
    members: [...members].map(([backend, configured]): MemberView => {
      const resource = find('Backend', backend);
      const endpoint = resource && endpointOf(specOf<BackendSpec>(resource));
      const override = overrides.of(name, pool, backend);
      return {
        backend,
        weight: override?.weight ?? configured,
        ...states.of(backend, endpoint),
        ...endpoint,
        ...(override && { override }),
      };
    }),
  });
  return {
    ...{ name, flushOnDown, failbackDelayMs, minUp, poolActivation, slowStartMs, allDown },
    pools: model.pools.map(viewed),
    ...(model.policyPools && { policyPools: model.policyPools.map(viewed) }),
  };
}
