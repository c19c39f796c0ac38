import { createHmac } from 'node:crypto';
import type { ConfigSinkSpec } from './kinds/config/sink-specs.js';

/** Wire form of the target `webhook` of a ConfigSink. docs/reference/sinks.md, ADR 0030. */

/** Headers of a document. */
export const WEBHOOK_HEADERS = {
  /** Name of the sink, percent-encoded. */
  sink: 'Signalbox-Sink',
  /** Generation of the effective config. */
  generation: 'Signalbox-Generation',
  /** `sha256:` and the digest of the body in hex. */
  digest: 'Signalbox-Digest',
  /** When it was signed: unix seconds. */
  timestamp: 'Signalbox-Timestamp',
  /** `v1=` and {@link signDocument}; absent without a key. */
  signature: 'Signalbox-Signature',
} as const;

/** HMAC-SHA256 over timestamp, "." and the body, lower-case hex. */
export function signDocument(key: Uint8Array, timestamp: string, body: Uint8Array): string {
  return createHmac('sha256', key).update(`${timestamp}.`).update(body).digest('hex');
}

/** Media type of a document. */
export function documentType({ template, format }: Pick<ConfigSinkSpec, 'template' | 'format'>): string {
  if (template !== undefined) return 'text/plain; charset=utf-8';
  return format === 'json' ? 'application/json' : 'application/yaml';
}
