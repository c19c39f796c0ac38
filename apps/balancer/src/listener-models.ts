import {
  type ListenerModel,
  type ListenerParts,
  listenerModel,
  type PolicyParts,
  refOf,
  type Resource,
  type ResourceRef,
  scopedName,
  scopedNameOf,
  type Vip,
  writtenVip,
} from '@signalbox/contracts';
import type { ChangedConfig } from './domain/changed-config.js';
import { type Find, type ListenerSource, listenerSource } from './domain/listener-parts.js';
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

/** What a listener is made of beside what it names itself. */
interface Around {
  readonly find: Find;
  readonly policiesOf: (listener: string, find: Find) => PolicyParts[];
  readonly membersOf: (pool: string) => Iterable<Resource>;
}

/** What changed children touch: listeners by policies and rules, pools by members. */
interface TouchedChildren {
  readonly ofPolicies: (ref: ResourceRef, name: string) => Iterable<string>;
  readonly poolsOf: (member: string) => Iterable<string>;
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
  private readonly find: Find = (kind, name) => this.source.get(kind, name);

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
    const { source, policies, members } = this;
    return this.touched(changed, {
      ofPolicies: (ref, name) => policies.put(ref, source.get(ref.kind, name)),
      poolsOf: (name) => members.put(name, source.get('PoolMember', name)),
    });
  }

  /** Reads a listener again. */
  read(name: string): void {
    const { policies, members } = this;
    const found = listenerSource(name, this.find);
    this.balancers.set(name, found ? [found.loadBalancer] : []);
    this.pools.set(name, found ? [...found.pools, ...policies.poolsOf(name)] : []);
    this.certificates.set(name, found?.certificates ?? []);
    const model =
      found &&
      this.modelOf(name, found, {
        find: this.find,
        policiesOf: (listener, find) => policies.of(listener, find),
        membersOf: (pool) => members.of(pool),
      });
    if (!model) {
      this.known.delete(name);
      this.backends.set(name, []);
      return;
    }
    this.known.set(name, model);
    this.backends.set(
      name,
      [...model.pools, ...(model.policyPools ?? [])].flatMap((pool) => [...pool.members.keys()]),
    );
  }

  /** The listeners that a change would touch, with what they would come down to; undefined: not there. Changes nothing. */
  after(changed: ChangedConfig): Map<string, ListenerModel | undefined> {
    const { policies, members } = this;
    const find = changed.over(this.find);
    const around: Around = {
      find,
      policiesOf: policies.after(changed.of('L7Policy'), changed.of('L7Rule')),
      membersOf: members.after(changed.of('PoolMember')),
    };
    const touched = this.touched(changed.refs, {
      ofPolicies: (ref, name) => policies.touchedBy(ref, find(ref.kind, name)),
      poolsOf: (name) => members.touchedBy(name, find('PoolMember', name)),
    });
    return new Map(
      Array.from(touched, (name) => {
        const found = listenerSource(name, find);
        return [name, found && this.modelOf(name, found, around)];
      }),
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

  private modelOf(name: string, found: ListenerSource, around: Around): ListenerModel | undefined {
    if (!found.parts) return undefined;
    const { find, policiesOf, membersOf } = around;
    const { project } = refOf(found.parts.listener);
    const parts = { ...found.parts, policies: policiesOf(name, find) };
    const vip = this.vipOf(parts.kind, parts.loadBalancer);
    return listenerModel(parts, (pool) => membersOf(scopedName(project, pool)), vip);
  }

  private touched(changed: readonly ResourceRef[], children: TouchedChildren): Set<string> {
    return new Set(changed.flatMap((ref) => [...this.touchedByOne(ref, children)]));
  }

  private touchedByOne(ref: ResourceRef, { ofPolicies, poolsOf }: TouchedChildren): Iterable<string> {
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
        return ofPolicies(ref, name);
      case 'Certificate':
        return this.certificates.usersOf(name);
      case 'PoolMember':
        return [...poolsOf(name)].flatMap((pool) => [...this.pools.usersOf(pool)]);
      case 'Backend':
        return this.backends.usersOf(name);
      default:
        return [];
    }
  }
}
