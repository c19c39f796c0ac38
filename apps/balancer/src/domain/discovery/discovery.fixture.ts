import { BALANCE_API, type Fact, formatTime, type Resource } from '@signalbox/contracts';
import type { SourceContent, SourceEndpoint } from './endpoint.js';
import type { ReadFact } from './registrations.js';
import type { DeclaredSource } from './source-progress.js';

/** When everything in these tests begins. Milliseconds since 1970. */
export const START_MS = Date.parse('2026-05-30T12:00:00Z');

/** An endpoint of the pool `web`, by the last byte of its address. */
export function endpoint(last: number, more: Partial<SourceEndpoint> = {}): SourceEndpoint {
  return { pool: 'web', address: `192.0.2.${last}`, port: 8080, ...more };
}

/** Endpoints and what they stand in. */
export function content(
  endpoints: readonly SourceEndpoint[],
  frame: readonly Resource[] = [],
): SourceContent {
  return { frame, endpoints, refused: [] };
}

export function pool(name: string): Resource {
  return { apiVersion: BALANCE_API, kind: 'Pool', metadata: { name }, spec: {} };
}

/** A source of registrations named `vms` for the pool `web`. */
export function source(spec: Partial<DeclaredSource['spec']> = {}): DeclaredSource {
  return {
    name: 'vms',
    project: 'default',
    spec: { pool: 'web', facts: { group: 'edge', type: 'vm.up' }, ...spec },
  };
}

/** A registration, `atMs` after the start, that lives for a minute. */
export function registration(vm: string, last: number, atMs = 0, more: Partial<Fact> = {}): ReadFact {
  const observedMs = START_MS + atMs;
  return {
    seq: 1,
    acceptedMs: observedMs,
    fact: {
      id: `${vm}-${atMs}`,
      group: 'edge',
      sourceNode: 'edge-1',
      type: 'vm.up',
      subject: vm,
      dedupeKey: `${vm}-${atMs}`,
      payload: { address: `192.0.2.${last}`, port: '8080' },
      observedAt: formatTime(observedMs),
      expiresAt: formatTime(observedMs + 60_000),
      ...more,
    },
  };
}
