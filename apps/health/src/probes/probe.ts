import type { ProbeCode, ProbeLayer, ProbeParams, ProbeType } from '@signalbox/contracts';

/** What one probe is sent to, and how. Everything is checked: the resources it comes from were validated. */
export interface ProbeTarget {
  readonly type: Exclude<ProbeType, 'push'>;
  /** IPv4 or IPv6 address of the backend. */
  readonly address: string;
  /** Absent for icmp. */
  readonly port?: number;
  /** Source address of the family of `address`. */
  readonly source?: string;
  /** The one deadline of the whole probe. Milliseconds. */
  readonly timeoutMs: number;
  readonly params: ProbeParams;
}

/** What a probe found. `detail` is for people, at most 200 characters. Reference maglev 4.1, 4.2. */
export interface ProbeResult {
  readonly ok: boolean;
  readonly layer: ProbeLayer;
  readonly code: ProbeCode;
  readonly detail: string;
  readonly durationMs: number;
  /** The backend works, but not for long: a certificate that ends soon. */
  readonly degraded?: string;
  /**
   * We were short of something ourselves (its error code): there is no verdict about the target, and `ok` and `code` do
   * not count. spec/health "Probes".
   */
  readonly shortage?: string;
}

/**
 * Makes probes. A probe never rejects: whatever goes wrong is a result. An aborted probe closes its socket at once and
 * its result is to be thrown away.
 */
export interface Prober {
  probe(target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult>;
  /** Ends what the prober holds: helper processes. */
  close(): Promise<void>;
}
