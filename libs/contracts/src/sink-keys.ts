import { canonicalJson, sha256Hex } from './canonical-json.js';
import type { KvSinkSpec } from './kinds/config/sink-specs.js';
import { refOf, type Resource, type ResourceRef } from './resource.js';
import { subjectToken } from './subjects.js';

/** Wire form of the target `natsKv` of a ConfigSink. docs/reference/sinks.md, ADR 0030. */

/** Largest value of a key. Bytes. */
export const SINK_VALUE_BYTES = 1024 * 1024;

/** Header of every message that a sink writes into a bucket: its name, percent-encoded. Who else writes has none. */
export const SINK_KV_HEADER = 'Signalbox-Sink';

/** The stream of a bucket. */
export function bucketStream(bucket: string): string {
  return `KV_${bucket}`;
}

/** Subject of a key of a bucket, or of keys by a wildcard. */
export function bucketSubject(bucket: string, key: string): string {
  return `$KV.${bucket}.${key}`;
}

/** Subject of everything that can stand below the prefix of a target. */
export function bucketFilter({ bucket, prefix }: KvSinkSpec): string {
  return bucketSubject(bucket, prefix === undefined ? '>' : `${prefix}.>`);
}

/**
 * The key of a resource: `<prefix>.<group>.<version>.<kind>.<project>.<name>`. Dots of group and version are written `_`, which
 * neither of them can hold; `_` alone stands for no group. The name is its subject token. So no two resources of one
 * prefix share a key.
 */
export function sinkKeyOf({ apiVersion, kind, project, name }: ResourceRef, prefix?: string): string {
  const slash = apiVersion.indexOf('/');
  const [group, version] =
    slash === -1 ? ['_', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
  const tokens = [
    group.replaceAll('.', '_'),
    version.replaceAll('.', '_'),
    kind,
    project,
    subjectToken(name),
  ];
  return [...(prefix === undefined ? [] : [prefix]), ...tokens].join('.');
}

/** Whether a key, without the prefix, has the shape of one of ours. */
export function isSinkKey(key: string): boolean {
  return /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z][A-Za-z0-9]*\.[a-z0-9-]+\.[A-Za-z0-9_-]+$/.test(key);
}

/** The values that stand for these resources, by key without the prefix: the canonical JSON of each. */
export function sinkValuesOf(resources: readonly Resource[]): ReadonlyMap<string, string> {
  return new Map(resources.map((one) => [sinkKeyOf(refOf(one)), canonicalJson(one)]));
}

/**
 * Digest of what a bucket has below a prefix: sha256 hex over a line `<key> <sha256 of the value>` for each key without the
 * prefix, in the order of the keys. `values`: digests by key.
 */
export function sinkValuesDigest(values: ReadonlyMap<string, string>): string {
  const keys = [...values.keys()].sort();
  return sha256Hex(keys.map((key) => `${key} ${values.get(key)}\n`).join(''));
}
