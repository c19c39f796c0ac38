import { DYNAMIC_CONFIG_SOURCE } from './kinds/dynamic-config-source.js';
import { EVENT_SUBSCRIPTION } from './kinds/event-subscription.js';
import { isOfKind, type Kind } from './kinds/kind.js';
import { PLUGIN } from './kinds/plugin.js';
import { DEFAULT_PROJECT, refKey, type Resource } from './resource.js';

/** Kinds whose resources own parts and may take over what stands of another name, see {@link Succession}. */
export const RENAMABLE: readonly Kind[] = [EVENT_SUBSCRIPTION, PLUGIN, DYNAMIC_CONFIG_SOURCE];

/** Key of the resource that stands for an owner of parts (`EventSubscription/claims`); undefined for owners that cannot be renamed. */
export function ownerKey(owner: string): string | undefined {
  const at = owner.indexOf('/');
  const kind = RENAMABLE.find((one) => one.kind === owner.slice(0, at));
  if (!kind) return undefined;
  return refKey({
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    project: DEFAULT_PROJECT,
    name: owner.slice(at + 1),
  });
}

/** The owner that a resource stands for, and the one whose parts it takes over; undefined for resources of other kinds. */
export function ownerOfResource(
  resource: Resource,
): { readonly owner: string; readonly former?: string } | undefined {
  const { kind, metadata } = resource;
  if (!RENAMABLE.some((one) => isOfKind(resource, one))) return undefined;
  const { name, renamedFrom } = metadata;
  return {
    owner: `${kind}/${name}`,
    ...(renamedFrom !== undefined && { former: `${kind}/${renamedFrom}` }),
  };
}

/** Whom what stands of an owner belongs to. ADR 0039. */
export interface Succession {
  /** The owner itself while it is declared; else who took over from it, if anybody. */
  heirOf(owner: string): string;
  /** An owner and whom it took over from. */
  namesOf(owner: string): readonly string[];
}

/**
 * What a set of declared resources says of successions: a level, not an event. As long as a resource says `metadata.renamedFrom` and
 * no resource of its kind has that name, what stands of that name belongs to it.
 */
export class DeclaredSuccession implements Succession {
  private readonly declared = new Set<string>();
  private readonly formers = new Map<string, string>();
  private readonly heirs = new Map<string, string>();

  constructor(resources: Iterable<Resource>) {
    for (const resource of resources) {
      const found = ownerOfResource(resource);
      if (!found) continue;
      const { owner, former } = found;
      this.declared.add(owner);
      if (former === undefined) continue;
      this.formers.set(owner, former);
      const other = this.heirs.get(former);
      // two are refused at an apply; records of an older rule may have them
      if (other === undefined || owner < other) this.heirs.set(former, owner);
    }
  }

  heirOf(owner: string): string {
    return this.declared.has(owner) ? owner : (this.heirs.get(owner) ?? owner);
  }

  namesOf(owner: string): readonly string[] {
    const former = this.formers.get(owner);
    return former !== undefined && this.heirOf(former) === owner ? [owner, former] : [owner];
  }

  /** Names that are no longer declared and whose parts belong to another owner. */
  handedOver(): string[] {
    return [...this.heirs.keys()].filter((former) => !this.declared.has(former));
  }

  /** Whether an owner, or who took over from it, is declared. */
  hasOwner(owner: string): boolean {
    return this.declared.has(this.heirOf(owner));
  }
}

/** Nobody took over from anybody. */
export const NO_SUCCESSION: DeclaredSuccession = new DeclaredSuccession([]);
