import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  BALANCE_API,
  type BackendSpec,
  DEFAULT_WEIGHT,
  endpointOf,
  type FrontendSpec,
  type NamedWindow,
  namedWindow,
  parseDuration,
  type PoolMemberSpec,
  type ResourceRef,
  specOf,
} from '@signalbox/contracts';
import { EffectiveBook } from '@signalbox/store';
import { DataSource } from 'typeorm';
import type { BackendStates } from './backend-states.js';
import type { FrontendView, MemberView, PoolView } from './domain/frontend-view.js';
import type { WeightOverrides } from './weight-overrides.js';

/** Kinds that the balancer reads. */
const KINDS = ['Backend', 'Frontend', 'PoolMember', 'MaintenanceWindow'] as const;

/** A frontend with its members, ready to be looked at. */
interface Known {
  readonly spec: FrontendSpec;
  /** Members of each pool: backend → configured weight; those of PoolMembers behind the inline ones. */
  readonly pools: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** The part of the effective config that is about load balancing, with who is where. */
@Injectable()
export class FrontendBook {
  readonly book: EffectiveBook;
  private readonly known = new Map<string, Known>();
  /** Frontends that have a backend as a member. */
  private readonly users = new Map<string, Set<string>>();
  /** PoolMember name → the frontend that it was in. */
  private readonly memberships = new Map<string, PoolMemberSpec>();
  /** Frontend → names of its PoolMembers. */
  private readonly membersOf = new Map<string, Set<string>>();
  /** Frontends that changed and may not have been decided since. */
  private readonly unsettled = new Set<string>();

  constructor(bus: Bus, dataSource: DataSource) {
    this.book = new EffectiveBook('balancer', BALANCE_API, new Set(KINDS), bus, dataSource);
  }

  /** Reads everything; call it once. Returns the names of the frontends. */
  readAll(): string[] {
    for (const { metadata } of this.book.all('PoolMember')) this.readMember(metadata.name);
    const names = this.book.all('Frontend').map(({ metadata }) => metadata.name);
    for (const name of names) this.read(name);
    return names;
  }

  /**
   * Follows a change of the book: names of the frontends that have to be decided again. They stay named until they
   * are {@link settled}, since the same change may be followed again: by then nobody knows where a removed PoolMember
   * was.
   */
  follow(changed: readonly ResourceRef[]): Set<string> {
    const touched = this.unsettled;
    for (const { kind, name } of changed) {
      if (kind === 'Frontend') touched.add(name);
      if (kind === 'Backend') for (const user of this.usersOf(name)) touched.add(user);
      if (kind === 'PoolMember') for (const user of this.readMember(name)) touched.add(user);
    }
    for (const name of touched) this.read(name);
    return new Set(touched);
  }

  /** Everything that {@link follow} named has been decided. */
  settled(): void {
    this.unsettled.clear();
  }

  /** Frontends that have this backend as a member. */
  usersOf(backend: string): ReadonlySet<string> {
    return this.users.get(backend) ?? NOBODY;
  }

  /** Whether a backend stands in a pool of a frontend; undefined when the frontend is not there at all. */
  hasMember(frontend: string, pool: string, backend: string): boolean | undefined {
    const known = this.known.get(frontend);
    return known && known.pools.get(pool)?.has(backend) === true;
  }

  /** What the rules look at; undefined when the frontend is not in the config. */
  viewOf(name: string, states: BackendStates, overrides: WeightOverrides): FrontendView | undefined {
    const known = this.known.get(name);
    if (!known) return undefined;
    const { spec } = known;
    return {
      name,
      flushOnDown: spec.flushOnDown ?? true,
      failbackDelayMs: durationMs(spec.failbackDelay),
      minUp: spec.minUp ?? 1,
      poolActivation: spec.poolActivation ?? 'up',
      slowStartMs: durationMs(spec.slowStart),
      allDown: spec.allDown ?? 'drop',
      pools: [...known.pools].map(([pool, members]): PoolView => ({
        name: pool,
        members: [...members].map(([backend, configured]): MemberView => {
          const resource = this.book.get('Backend', backend);
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
      })),
    };
  }

  /** Names of the pools of a frontend, in order. */
  poolsOf(name: string): string[] {
    return [...(this.known.get(name)?.pools.keys() ?? [])];
  }

  get windows(): NamedWindow[] {
    return this.book.all('MaintenanceWindow').map(namedWindow);
  }

  /** Reads a frontend with its members, and who uses which backend. */
  private read(name: string): void {
    for (const members of this.known.get(name)?.pools.values() ?? [])
      for (const backend of members.keys()) this.users.get(backend)?.delete(name);
    this.known.delete(name);
    const resource = this.book.get('Frontend', name);
    if (!resource) return;
    const spec = specOf<FrontendSpec>(resource);
    const pools = new Map(
      spec.pools.map(({ name: pool, backends = {} }): [string, Map<string, number>] => [
        pool,
        new Map(Object.entries(backends).map(([backend, { weight }]) => [backend, weight ?? DEFAULT_WEIGHT])),
      ]),
    );
    for (const member of [...(this.membersOf.get(name) ?? [])].sort()) {
      const { pool, backendRef, weight } = this.memberships.get(member)!;
      pools.get(pool)?.set(backendRef, weight ?? DEFAULT_WEIGHT);
    }
    this.known.set(name, { spec, pools });
    for (const members of pools.values())
      for (const backend of members.keys()) {
        const users = this.users.get(backend);
        if (users) users.add(name);
        else this.users.set(backend, new Set([name]));
      }
  }

  /** Reads a PoolMember: the frontends that it was or is in. */
  private readMember(name: string): Set<string> {
    const touched = new Set<string>();
    const before = this.memberships.get(name);
    if (before) {
      this.membersOf.get(before.frontendRef)?.delete(name);
      touched.add(before.frontendRef);
    }
    this.memberships.delete(name);
    const resource = this.book.get('PoolMember', name);
    if (!resource) return touched;
    const spec = specOf<PoolMemberSpec>(resource);
    this.memberships.set(name, spec);
    const members = this.membersOf.get(spec.frontendRef);
    if (members) members.add(name);
    else this.membersOf.set(spec.frontendRef, new Set([name]));
    return touched.add(spec.frontendRef);
  }
}

const NOBODY: ReadonlySet<string> = new Set();

function durationMs(text: string | undefined): number {
  return text === undefined ? 0 : parseDuration(text);
}
