import { digestOf, keyOf, type Resource, sha256FirstByte, sha256Hex } from '@signalbox/contracts';
import { withoutProvenance } from './provenance.js';

/** First level of the configuration digest: one bucket per first byte of sha256(refKey). ADR 0003. */
const BUCKETS = 256;
const EMPTY_BUCKET = sha256Hex('');

/** Content digest of one resource: canonical JSON without the four provenance annotations. */
export function resourceDigest(resource: Resource): string {
  return digestOf(withoutProvenance(resource));
}

interface Bucket {
  readonly digests: Map<string, string>;
  /** Undefined while a member changed since it was last worked out. */
  digest: string | undefined;
}

/**
 * Configuration digest that follows single changes: a change costs its bucket (1/256 of the resources), not the
 * document. Keys are refKeys, values resource digests; the order of the changes does not matter. ADR 0003.
 */
export class ConfigDigest {
  private readonly buckets: Bucket[] = Array.from({ length: BUCKETS }, () => ({
    digests: new Map<string, string>(),
    digest: EMPTY_BUCKET,
  }));

  get size(): number {
    return this.buckets.reduce((sum, { digests }) => sum + digests.size, 0);
  }

  set(key: string, digest: string): void {
    const bucket = this.bucketOf(key);
    if (bucket.digests.get(key) === digest) return;
    bucket.digests.set(key, digest);
    bucket.digest = undefined;
  }

  delete(key: string): void {
    const bucket = this.bucketOf(key);
    if (bucket.digests.delete(key)) bucket.digest = undefined;
  }

  /** sha256 hex over the 256 bucket digests in order. */
  value(): string {
    return sha256Hex(this.buckets.map((bucket) => (bucket.digest ??= bucketDigest(bucket.digests))).join(''));
  }

  private bucketOf(key: string): Bucket {
    return this.buckets[sha256FirstByte(key)]!;
  }
}

function bucketDigest(digests: ReadonlyMap<string, string>): string {
  const lines = Array.from(digests, ([key, digest]) => `${key}\u0000${digest}\n`);
  return sha256Hex(lines.sort().join(''));
}

/** The same digest from scratch, for any list of resources in any order. */
export function configDigest(resources: Iterable<Resource>): string {
  const digest = new ConfigDigest();
  for (const resource of resources) digest.set(keyOf(resource), resourceDigest(resource));
  return digest.value();
}
