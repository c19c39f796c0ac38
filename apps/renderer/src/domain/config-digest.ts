import { digestOf, keyOf, type Resource, sha256Hex, withoutProvenance } from '@signalbox/contracts';

/** A subtree with more resources than this has 16 below it. ADR 0017. */
const MOST_LINES = 8;

/** Content digest of one resource: canonical JSON without the four provenance annotations. */
export function resourceDigest(resource: Resource): string {
  return digestOf(withoutProvenance(resource));
}

/** A resource as a digest sees it. */
interface Line {
  readonly key: string;
  readonly digest: string;
}

/** The resources whose hashed keys begin alike: a few lines in order of their keys, or 16 subtrees by the next digit. */
class Subtree {
  private lines: Line[] = [];
  private children: (Subtree | undefined)[] | undefined;
  private known: string | undefined;
  private count = 0;

  /** `level`: how many hex digits of the hashed keys are the same. */
  constructor(private readonly level: number) {}

  get size(): number {
    return this.count;
  }

  /** Puts a resource or its new digest there; says whether that is a change. */
  set(line: Line, hashed = sha256Hex(line.key)): boolean {
    const isChange = this.children ? this.setBelow(this.children, line, hashed) : this.setHere(line);
    if (isChange) this.known = undefined;
    return isChange;
  }

  /** Takes a resource out; says whether it was there. */
  delete(key: string, hashed = sha256Hex(key)): boolean {
    const isChange = this.children ? this.deleteBelow(this.children, key, hashed) : this.deleteHere(key);
    if (isChange) this.known = undefined;
    return isChange;
  }

  get digest(): string {
    return (this.known ??= sha256Hex(this.children ? linesOf(this.children) : this.lines.map(text).join('')));
  }

  private setHere(line: Line): boolean {
    const { lines } = this;
    const found = lines.findIndex(({ key }) => key >= line.key);
    const at = found < 0 ? lines.length : found;
    const isThere = lines[at]?.key === line.key;
    if (isThere && lines[at]?.digest === line.digest) return false;
    lines.splice(at, isThere ? 1 : 0, line);
    this.count = lines.length;
    if (lines.length > MOST_LINES) this.split();
    return true;
  }

  private setBelow(children: (Subtree | undefined)[], line: Line, hashed: string): boolean {
    const child = (children[this.digitOf(hashed)] ??= new Subtree(this.level + 1));
    const before = child.size;
    const isChange = child.set(line, hashed);
    this.count += child.size - before;
    return isChange;
  }

  private deleteHere(key: string): boolean {
    const at = this.lines.findIndex((line) => line.key === key);
    if (at < 0) return false;
    this.lines.splice(at, 1);
    this.count = this.lines.length;
    return true;
  }

  private deleteBelow(children: (Subtree | undefined)[], key: string, hashed: string): boolean {
    const digit = this.digitOf(hashed);
    const child = children[digit];
    if (!child?.delete(key, hashed)) return false;
    if (child.size === 0) children[digit] = undefined;
    this.count -= 1;
    if (this.count <= MOST_LINES) this.join(children);
    return true;
  }

  private split(): void {
    const { lines } = this;
    this.lines = [];
    this.children = new Array<undefined>(16).fill(undefined);
    this.count = 0;
    for (const line of lines) this.setBelow(this.children, line, sha256Hex(line.key));
  }

  /** Every subtree below has no more lines than this one, so none of them has children. */
  private join(children: readonly (Subtree | undefined)[]): void {
    this.children = undefined;
    this.lines = children.flatMap((child) => child?.lines ?? []).sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  private digitOf(hashed: string): number {
    return Number.parseInt(hashed.charAt(this.level), 16);
  }
}

function text({ key, digest }: Line): string {
  return `${key}\u0000${digest}\n`;
}

function linesOf(children: readonly (Subtree | undefined)[]): string {
  return children.map((child) => `${child?.digest ?? ''}\n`).join('');
}

/**
 * Configuration digest that follows single changes: a change costs a hash of about a kilobyte for each level of a tree with
 * 16 branchings, not the document. Keys are refKeys, values resource digests; the order of the changes does not matter.
 * ADR 0017.
 */
export class ConfigDigest {
  private readonly root = new Subtree(0);

  get size(): number {
    return this.root.size;
  }

  set(key: string, digest: string): void {
    this.root.set({ key, digest });
  }

  delete(key: string): void {
    this.root.delete(key);
  }

  /** sha256 hex; of nothing, that of the empty text. */
  value(): string {
    return this.root.digest;
  }
}

/** The same digest from scratch, for any list of resources in any order. */
export function configDigest(resources: Iterable<Resource>): string {
  const digest = new ConfigDigest();
  for (const resource of resources) digest.set(keyOf(resource), resourceDigest(resource));
  return digest.value();
}
