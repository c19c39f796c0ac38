import { setMaxListeners } from 'node:events';
import { parseDuration, SOURCE_DEFAULTS, type DnsSourceSpec } from '@signalbox/contracts';
import {
  type DnsFindings,
  type DnsJudgement,
  judgeDns,
  type KnownAddresses,
  nextLookMs,
} from '../../domain/discovery/dns-endpoints.js';
import type { SourceWatch, WatchedSource, WatchSurroundings } from '../source-watch.js';
import { DNS_LIMITS } from './dns-limits.js';

/** Asks for all that a source needs. Rejects when the signal is given, and then nothing of it is open. */
export type Look = (dns: DnsSourceSpec, signal: AbortSignal) => Promise<DnsFindings>;

/** Looks at once, and again whenever what was found ends. */
export class DnsWatch implements SourceWatch {
  private readonly ending = new AbortController();
  private readonly dns: DnsSourceSpec;
  private readonly startedMs = performance.now();
  private turn: Promise<void>;
  private timer: NodeJS.Timeout | undefined;
  private known: KnownAddresses = new Map();
  private held: readonly string[] = [];
  private gaps = 0;
  private readonly patienceMs: number;
  private hasTold = false;

  constructor(
    private readonly source: WatchedSource,
    private readonly surroundings: Pick<WatchSurroundings, 'report' | 'warn'>,
    private readonly look: Look,
  ) {
    // a source of another way is never given here
    this.dns = source.spec.dns!;
    const { onUnavailable, unavailableAfter = SOURCE_DEFAULTS.unavailableAfter } = source.spec;
    // while it waits the source counts as one that cannot be asked
    const bornMs = onUnavailable === 'drain' ? parseDuration(unavailableAfter) / 2 : Infinity;
    this.patienceMs = Math.min(DNS_LIMITS.patienceMs, bornMs);
    setMaxListeners(DNS_LIMITS.atOnce, this.ending.signal);
    this.turn = this.takeTurn();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    clearTimeout(this.timer);
    await this.turn;
  }

  /** Never rejects. */
  private async takeTurn(): Promise<void> {
    const { signal } = this.ending;
    let dueMs: number;
    try {
      const findings = await this.look(this.dns, signal);
      if (signal.aborted) return;
      dueMs = this.take(findings);
    } catch (error) {
      if (signal.aborted) return;
      // nothing that a server says leads here
      this.surroundings.warn(`BackendSource/${this.source.name}: the look failed: ${String(error)}`);
      this.surroundings.report({ type: 'unavailable', reason: 'the look failed, see the log' });
      this.gaps += 1;
      dueMs = nextLookMs(undefined, this.gaps, this.intervals());
    }
    this.timer = setTimeout(() => (this.turn = this.takeTurn()), dueMs).unref();
  }

  /** Tells what was found, and says when to look again. Milliseconds. */
  private take(findings: DnsFindings): number {
    const patienceMs = this.startedMs + this.patienceMs - performance.now();
    const aim = {
      pool: this.source.spec.pool ?? '',
      dns: this.dns,
      mayWait: !this.hasTold && patienceMs > 0,
    };
    const judgement = judgeDns(aim, findings, this.known);
    const { observation, known, ttlMs, hasGaps, isWaiting } = judgement;
    this.known = known;
    this.gaps = hasGaps ? this.gaps + 1 : 0;
    this.hasTold ||= observation.type === 'content';
    this.tellHeld(judgement);
    this.surroundings.report(observation);
    const dueMs = nextLookMs(ttlMs, this.gaps, this.intervals());
    return isWaiting ? Math.min(dueMs, patienceMs) : dueMs;
  }

  /** Hosts whose last known addresses stay are part of the content like all others: the log says that they are not asked. */
  private tellHeld({ held }: DnsJudgement): void {
    const news = held.filter((host) => !this.held.includes(host));
    this.held = held;
    if (news.length === 0) return;
    const { hostsInLog } = DNS_LIMITS;
    const more = news.length > hostsInLog ? ` and ${news.length - hostsInLog} more` : '';
    const hosts = news.slice(0, hostsInLog).join('; ');
    this.surroundings.warn(
      `BackendSource/${this.source.name}: the last known addresses stay of ${hosts}${more}`,
    );
  }

  private intervals(): { leastMs: number; mostMs: number } {
    const { minInterval, maxInterval } = this.dns;
    return {
      leastMs: parseDuration(minInterval ?? SOURCE_DEFAULTS.dnsMinInterval),
      mostMs: parseDuration(maxInterval ?? SOURCE_DEFAULTS.dnsMaxInterval),
    };
  }
}
