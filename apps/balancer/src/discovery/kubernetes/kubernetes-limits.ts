import type { BackOff } from '../../domain/discovery/kubernetes-back-off.js';

const MIB = 1024 * 1024;

/** Bounds of what an API server is asked for and believed. */
export const KUBERNETES_LIMITS = {
  /** Objects of one page of a list. */
  pageItems: 250,
  /** Of one page. An object has at most 1.5 MiB in etcd, and few are near it. */
  pageBytes: 256 * MIB,
  /** Of one event of a watch: an object of 1.5 MiB grows when it is written as JSON. */
  lineBytes: 8 * MIB,
  /** Of the answer to a write, and of one that says why not. */
  answerBytes: 4 * MIB,
  /** Objects of one list. */
  objects: 200_000,
  tokenBytes: 64 * 1024,
  caBytes: MIB,
  /** How often a list that became too old while it was read is begun again before it is told. */
  quietExpiries: 2,
} as const;

/** How long things take and may take. Milliseconds where nothing else is said. */
export interface KubernetesTimings {
  /** Until an answer has begun, and until a page is complete. */
  readonly answerMs: number;
  /** Longest a watch is without a byte: a server that sends bookmarks does so about once a minute. */
  readonly silenceMs: number;
  /** For how long a watch is asked. Seconds. */
  readonly watchSeconds: number;
  /** A watch that stood for so long stands well, even if nothing happened. */
  readonly settledMs: number;
  readonly backOff: BackOff;
  /** Between two writes of statuses: no more of a cluster than this, whoever writes against us. */
  readonly writePauseMs: number;
}

export const KUBERNETES_TIMINGS: KubernetesTimings = {
  answerMs: 30_000,
  silenceMs: 180_000,
  watchSeconds: 300,
  settledMs: 10_000,
  backOff: { firstMs: 500, longestMs: 30_000 },
  writePauseMs: 20,
};
