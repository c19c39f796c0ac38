import { Attempt } from './attempt.js';
import { BodyPatterns } from './body-pattern.js';
import { probeDns } from './dns.js';
import { probeGrpc } from './grpc.js';
import { probeHttp } from './http.js';
import { type PingProgram, probeIcmp } from './icmp.js';
import type { Prober, ProbeResult, ProbeTarget } from './probe.js';
import { probeTcp } from './tcp.js';
import { TlsTrust } from './tls-settings.js';
import { probeTls } from './tls.js';
import { probeUdp } from './udp.js';

export interface LocalProberOptions {
  /** PEM of the authorities that TLS probes trust in place of those of Node. */
  readonly ca?: string;
  /** Program that sends echo requests, default `ping`. */
  readonly ping?: string;
  /** Where it is found, by default in the usual places. */
  readonly searchPath?: string | undefined;
}

/** Probes from this process, that is from the network namespace it runs in. */
export class LocalProber implements Prober {
  private readonly trust: TlsTrust;
  private readonly patterns = new BodyPatterns();
  private readonly ping: PingProgram;

  constructor({ ca, ping, searchPath }: LocalProberOptions = {}) {
    this.trust = new TlsTrust(ca);
    this.ping = { program: ping, searchPath };
  }

  probe(target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
    const attempt = new Attempt(target.timeoutMs, signal);
    attempt.step(() => this.start(target, attempt))();
    return attempt.result;
  }

  /** Holds nothing: every probe releases what is its own. */
  async close(): Promise<void> {}

  private start(target: ProbeTarget, attempt: Attempt): void {
    switch (target.type) {
      case 'http':
      case 'https':
        return probeHttp(target, attempt, this.trust, this.patterns);
      case 'tcp':
        return probeTcp(target, attempt, this.trust);
      case 'tls':
        return probeTls(target, attempt, this.trust);
      case 'udp':
        return probeUdp(target, attempt);
      case 'dns':
        return probeDns(target, attempt);
      case 'grpc':
        return probeGrpc(target, attempt, this.trust);
      case 'icmp':
        return probeIcmp(target, attempt, this.ping);
    }
  }
}
