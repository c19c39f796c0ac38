import { digestOf, keyOf, type Resource, sha256Hex } from '@signalbox/contracts';
import { withoutProvenance } from './provenance.js';

/** Hex digits of sha256(refKey) that lead to a leaf, one branching of 16 for each. ADR 0015. */
const LEVELS = 3;

/** Content digest of one resource: canonical JSON without the four provenance annotations. */
export function resourceDigest(resource: Resource): string {
  return digestOf(withoutProvenance(resource));
}

/** The resources whose hashed keys begin alike. */
class Leaf {
  readonly digests = new Map<string, string>();
  private known: string | undefined;

  /** Whatever is below changed. */
  touch(): void {
    this.known = undefined;
  }

  get digest(): string {
    return (this.known ??= this.digests.size === 0 ? '' : sha256Hex(this.lines().sort().join('')));
  }

  private lines(): string[] {
    return Array.from(this.digests, ([key, digest]) => `${key}\u0000${digest}\n`);
  }
}

/** 16 nodes of the next level; one that was never needed is like one that is empty. */
class Branch {
  private readonly children: (Branch | Leaf | undefined)[] = new Array<undefined>(16).fill(undefined);
  private known: string | undefined;

  constructor(private readonly level: number) {}

  /** The leaf to which a hashed key leads, when there is one. */
  find(hashed: string): Leaf | undefined {
    const child = this.children[this.digitOf(hashed)];
    return child instanceof Branch ? child.find(hashed) : child;
  }

  /** The same, made when it is not there yet; everything on the way counts as changed. */
  touch(hashed: string): Leaf {
    this.known = undefined;
    const digit = this.digitOf(hashed);
    const isLast = this.level === LEVELS - 1;
    const child = (this.children[digit] ??= isLast ? new Leaf() : new Branch(this.level + 1));
    if (child instanceof Branch) return child.touch(hashed);
    child.touch();
    return child;
  }

  get digest(): string {
    return (this.known ??= this.ofChildren());
  }

  private digitOf(hashed: string): number {
    return Number.parseInt(hashed.charAt(this.level), 16);
  }

  private ofChildren(): string {
    const digests = this.children.map((child) => child?.digest ?? '');
    return digests.every((digest) => digest === '')
      ? ''
      : sha256Hex(digests.map((one) => `${one}\n`).join(''));
  }
}

/**
 * Configuration digest that follows single changes: a change costs its leaf (1/4,096 of the resources) and three small
 * hashes, not the document. Keys are refKeys, values resource digests; the order of the changes does not matter. ADR 0015.
 */
export class ConfigDigest {
  private readonly root = new Branch(0);
  private count = 0;

  get size(): number {
    return this.count;
  }

  set(key: string, digest: string): void {
    const hashed = sha256Hex(key);
    if (this.root.find(hashed)?.digests.get(key) === digest) return;
    const { digests } = this.root.touch(hashed);
    this.count -= digests.size;
    digests.set(key, digest);
    this.count += digests.size;
  }

  delete(key: string): void {
    if (this.root.touch(sha256Hex(key)).digests.delete(key)) this.count -= 1;
  }

  /** sha256 hex; of nothing, that of the empty text. */
  value(): string {
    return this.root.digest === '' ? EMPTY : this.root.digest;
  }
}

const EMPTY = sha256Hex('');

/** The same digest from scratch, for any list of resources in any order. */
export function configDigest(resources: Iterable<Resource>): string {
  const digest = new ConfigDigest();
  for (const resource of resources) digest.set(keyOf(resource), resourceDigest(resource));
  return digest.value();
}
