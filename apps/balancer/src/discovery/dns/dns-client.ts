import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import {
  DNS_RCODES,
  type DnsRecordType,
  type DnsResponse,
  queryBytes,
  rcodeText,
} from '@signalbox/contracts';
import { DNS_LIMITS } from './dns-limits.js';
import { askByDatagram, askByStream, type DnsServerPlace, NoDnsAnswer } from './exchange.js';

const IDS = 0x10000;
/** What a server may say that does not know EDNS. RFC 6891, section 6.2.2 and 7. */
const WITHOUT_EDNS: readonly number[] = [DNS_RCODES.FORMERR, DNS_RCODES.NOTIMP, DNS_RCODES.BADVERS];

/** What became of a question: what the name has or that there is no such name, or why nobody said so, for people. */
export type DnsReply = { readonly response: DnsResponse } | { readonly failure: string };

/** Who can be asked for records. Rejects when it was cancelled. */
export interface AsksDns {
  ask(name: string, type: DnsRecordType): Promise<DnsReply>;
}

/** See {@link DNS_LIMITS}. */
export interface ClientLimits {
  readonly tryMs: number;
  readonly lookMs: number;
  readonly rounds: number;
}

/**
 * Asks servers in order for the time of one look: by UDP, by TCP what is truncated; the next server when one is silent or has no
 * answer. It remembers who was silent, and asks those last.
 */
export class DnsClient implements AsksDns {
  private readonly silent = new Set<DnsServerPlace>();
  private readonly plain = new Set<DnsServerPlace>();
  private readonly endMs: number;

  /** An aborted signal ends every question at once. */
  constructor(
    private readonly servers: readonly DnsServerPlace[],
    private readonly signal: AbortSignal,
    private readonly limits: ClientLimits = DNS_LIMITS,
  ) {
    this.endMs = performance.now() + limits.lookMs;
  }

  async ask(name: string, type: DnsRecordType): Promise<DnsReply> {
    const failures = new Map<DnsServerPlace, string>();
    const refusing = new Set<DnsServerPlace>();
    for (let round = 0; round < this.limits.rounds; round += 1) {
      for (const server of this.inOrder().filter((one) => !refusing.has(one))) {
        if (performance.now() > this.endMs) return { failure: 'the look took too long' };
        const reply = await this.askOne(server, name, type);
        if ('failure' in reply) {
          failures.set(server, reply.failure);
          continue;
        }
        const { rcode } = reply.response;
        if (rcode === 0 || rcode === DNS_RCODES.NXDOMAIN) return reply;
        refusing.add(server);
        failures.set(server, rcodeText(rcode));
      }
    }
    const all = [...failures].map(([server, why]) => `${why} (${placeText(server)})`);
    return { failure: all.join(', ') || 'the machine names no DNS server' };
  }

  private inOrder(): readonly DnsServerPlace[] {
    return [...this.servers].sort((a, b) => Number(this.silent.has(a)) - Number(this.silent.has(b)));
  }

  private async askOne(server: DnsServerPlace, name: string, type: DnsRecordType): Promise<DnsReply> {
    try {
      const hasEdns = !this.plain.has(server);
      const response = await this.exchange(server, name, type, hasEdns);
      this.silent.delete(server);
      if (!hasEdns || !WITHOUT_EDNS.includes(response.rcode)) return { response };
      this.plain.add(server);
      return { response: await this.exchange(server, name, type, false) };
    } catch (error) {
      this.signal.throwIfAborted();
      if (!(error instanceof NoDnsAnswer)) throw error;
      this.silent.add(server);
      return { failure: error.message };
    }
  }

  private async exchange(
    server: DnsServerPlace,
    name: string,
    type: DnsRecordType,
    hasEdns: boolean,
  ): Promise<DnsResponse> {
    const bounds = { tryMs: this.limits.tryMs, signal: this.signal };
    const query = queryBytes(randomInt(IDS), name, type, hasEdns ? DNS_LIMITS.payloadBytes : undefined);
    const response = await askByDatagram(server, query, bounds);
    return response.isTruncated && response.rcode === 0 ? askByStream(server, query, bounds) : response;
  }
}

function placeText({ address, port }: DnsServerPlace): string {
  if (port === 53) return address;
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
