import {
  type ListenerModel,
  type ListenerParts,
  listenerModel,
  refOf,
  type Resource,
  type ResourceRef,
  scopedName,
  scopedNameOf,
  type Vip,
  writtenVip,
} from '@signalbox/contracts';
import { type Find, listenerSource } from './domain/listener-parts.js';
import { ListenerPolicies } from './domain/listener-policies.js';
import { PoolMembers } from './domain/pool-members.js';
import { UseIndex } from './domain/use-index.js';

/** Kinds that listeners are made of. */
export const LISTENER_KINDS = [
  'Backend',
  'Certificate',
  'Frontend',
  'L7Policy',
  'L7Rule',
  'Listener',
  'LoadBalancer',
  'Pool',
  'PoolMember',
] as const;

/** Where the resources are: a book of the effective config. */
export interface ResourceSource {
  all(kind: string): Resource[];
  get(kind: string, scopedName: string): Resource | undefined;
}

/**
 * The model of every listener, whichever kinds declare it, kept up with changes of the config: a change costs as much as the
 * listeners that it touches. Names are scoped names.
 */
export class ListenerModels {
  private readonly known = new Map<string, ListenerModel>();
  private readonly members = new PoolMembers();
  private readonly policies = new ListenerPolicies();
  /** Listener → its LoadBalancer. */
  private readonly balancers = new UseIndex();
  /** Listener → its Pools, those of its policies among them. */
  private readonly pools = new UseIndex();
  /** Listener → its Certificates. */
  private readonly certificates = new UseIndex();
  /** Listener → its Backends. */
  private readonly backends = new UseIndex();

  /** `vipOf`: where a LoadBalancer is; `kind` says what declares it. */
  constructor(
    private readonly source: ResourceSource,
    private readonly vipOf: (kind: ListenerParts['kind'], loadBalancer: Resource) => Vip = (_kind, one) =>
      writtenVip(one),
  ) {}

  /** Reads everything; call it once. Returns the names of the listeners. */
  readAll(): string[] {
    for (const member of this.source.all('PoolMember')) this.members.put(scopedNameOf(member), member);
    for (const kind of ['L7Policy', 'L7Rule'])
      for (const one of this.source.all(kind)) this.policies.put(refOf(one), one);
    const names = ['Frontend', 'Listener'].flatMap((kind) => this.source.all(kind).map(scopedNameOf));
    for (const name of names) this.read(name);
    return names;
  }

  /** Listeners that changed resources touch. They still have to be read again. */
  touchedBy(changed: readonly ResourceRef[]): Set<string> {
    return new Set(changed.flatMap((ref) => [...this.touchedByOne(ref)]));
  }

  /** Reads a listener again. */
  read(name: string): void {
    const find: Find = (kind, wanted) => this.source.get(kind, wanted);
    const found = listenerSource(name, find);
    this.balancers.set(name, found ? [found.loadBalancer] : []);
    this.pools.set(name, found ? [...found.pools, ...this.policies.poolsOf(name)] : []);
    this.certificates.set(name, found?.certificates ?? []);
    if (!found?.parts) {
      this.known.delete(name);
      this.backends.set(name, []);
      return;
    }
    const { project } = refOf(found.parts.listener);
    const parts = { ...found.parts, policies: this.policies.of(name, find) };
    const membersOf = (pool: string): Iterable<Resource> => this.members.of(scopedName(project, pool));
    const model = listenerModel(parts, membersOf, this.vipOf(parts.kind, parts.loadBalancer));
    this.known.set(name, model);
    this.backends.set(
      name,
      [...model.pools, ...(model.policyPools ?? [])].flatMap(({ members }) => [...members.keys()]),
    );
  }

  get(name: string): ListenerModel | undefined {
    return this.known.get(name);
  }

  all(): Iterable<ListenerModel> {
    return this.known.values();
  }

  /** Listeners that have this backend as a member. */
  usersOf(backend: string): ReadonlySet<string> {
    return this.backends.usersOf(backend);
  }

  private touchedByOne(ref: ResourceRef): Iterable<string> {
    const { kind, project, name: ownName } = ref;
    const name = scopedName(project, ownName);
    switch (kind) {
      case 'Frontend':
      case 'Listener':
        return [name];
      case 'LoadBalancer':
        return this.balancers.usersOf(name);
      case 'Pool':
        return this.pools.usersOf(name);
      case 'L7Policy':
      case 'L7Rule':
        return this.policies.put(ref, this.source.get(kind, name));
      case 'Certificate':
        return this.certificates.usersOf(name);
      case 'PoolMember': {
        const pools = this.members.put(name, this.source.get('PoolMember', name));
        return [...pools].flatMap((pool) => [...this.pools.usersOf(pool)]);
      }
      case 'Backend':
        return this.backends.usersOf(name);
      default:
        return [];
    }
  }
}
