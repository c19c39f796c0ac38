import { subjectToken } from '../subjects.js';

/** The bucket (NATS KV) of desired node states. */
export const NODES_BUCKET = 'NODES';

/** The stream of the bucket. */
export const NODES_STREAM = `KV_${NODES_BUCKET}`;

/** Subject of a key of the bucket, or of keys by a wildcard. */
export function nodeSubject(key: string): string {
  return `$KV.${NODES_BUCKET}.${key}`;
}

/** The two places of a listener's state, used in turn: the one that the standing manifest names is never written. */
export type Slot = 'a' | 'b';

/** Keys of one node in {@link NODES_BUCKET}. */
export const NODE_KEYS = {
  manifest: (node: string) => `${subjectToken(node)}.manifest`,
  listener: (node: string, listener: string, slot: Slot) =>
    `${subjectToken(node)}.listener.${subjectToken(listener)}.${slot}`,
  announcements: (node: string, slot: Slot) => `${subjectToken(node)}.announcements.${slot}`,
  /** All keys of a node. */
  all: (node: string) => `${subjectToken(node)}.>`,
} as const;

/** Key of a subject of {@link NODES_STREAM}. */
export function nodeKey(subject: string): string {
  return subject.slice(nodeSubject('').length);
}
