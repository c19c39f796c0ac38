import {
  canonicalJson,
  keyOf,
  refKey,
  type Resource,
  type ResourceRef,
  sha256Hex,
} from '@signalbox/contracts';

/** Members of a spec that say when something runs, and nothing of what a run makes: to change them alone changes no rule. */
const SWITCHES: readonly string[] = ['suspend', 'onChange'];

/** A version of a resource and the journal revision that put it. */
interface Version {
  readonly resource: Resource;
  readonly revision: number;
}

/**
 * Since which revision resources have said the same to the rules, whatever was switched on and off or changed in their metadata since:
 * what was run is not run again for that. Spec/federation "Run identity".
 */
export class RuleRevisions {
  private readonly known = new Map<string, { readonly digest: string; readonly since: number }>();

  /** Takes the next version of a resource; the same one again changes nothing. */
  put({ resource, revision }: Version): void {
    const key = keyOf(resource);
    const digest = digestOf(resource);
    if (this.known.get(key)?.digest !== digest) this.known.set(key, { digest, since: revision });
  }

  delete(ref: ResourceRef): void {
    this.known.delete(refKey(ref));
  }

  /** Takes the version that stood right before the first one that is known. Tells whether that said the same, so that one before it may too. */
  putBefore({ resource, revision }: Version): boolean {
    const key = keyOf(resource);
    const known = this.known.get(key);
    if (known?.digest !== digestOf(resource)) return false;
    this.known.set(key, { ...known, since: revision });
    return true;
  }

  /** The version with the revision since which it says what it says. */
  since(version: Version): Version {
    const known = this.known.get(keyOf(version.resource));
    return { resource: version.resource, revision: known?.since ?? version.revision };
  }
}

function digestOf({ spec }: Resource): string {
  const said = Object.entries(spec).filter(([name]) => !SWITCHES.includes(name));
  return sha256Hex(canonicalJson(Object.fromEntries(said)));
}
