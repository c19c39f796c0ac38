import {
  canonicalJson,
  compareFacts,
  DueHeap,
  expiryNs,
  type Fact,
  factKey,
  familyOf,
  type FactSourceSpec,
  hostAddressProblem,
  lineageOf,
  parseDuration,
  type RunFact,
  SOURCE_DEFAULTS,
  timestampMs,
} from '@signalbox/contracts';
import { MAX_REFUSED, type SourceContent, type SourceEndpoint } from './endpoint.js';
import { UseIndex } from '../use-index.js';
import { endpointKey } from './source-state.js';

/** A fact with its place in the stream, and when it was last accepted. Milliseconds since 1970. */
export interface ReadFact {
  readonly fact: Fact;
  readonly seq: number;
  readonly acceptedMs: number;
}

/** How long a registration lives on after an outage is bounded by its own lifetime and these. Milliseconds. */
const GRACE = { least: 1000, most: 10 * 60_000 } as const;

/** How many retractions are remembered: a registration that is older than one of them, and late, changes nothing. */
const MAX_RETRACTIONS = 10_000;

/** One live registration. */
interface Registration {
  readonly fact: Fact;
  readonly lifeMs: number;
  readonly endpoint: SourceEndpoint;
  expiresMs: number;
}

/**
 * The registrations of one source: each lineage of facts of its type is an endpoint until its newest fact expires, or a fact of the
 * retracting type with the same origin and the same subject, or the same dedupeKey, ends it. A fact whose payload names no
 * endpoint is refused, and what its lineage had before stays until that expires. spec/balance "Discovery", ADR 0028.
 */
export class Registrations {
  private readonly live = new Map<string, Registration>();
  private readonly expiries = new DueHeap();
  private readonly retractions = new Map<string, Fact>();
  /** Lineage → what retracts it. */
  private readonly retractedBy = new UseIndex();
  /** By lineage, the newest last: why its newest fact counts for nothing. */
  private readonly refused = new Map<string, string>();
  private readonly ttlMs: number;

  /** `pool`: name of the Pool that the endpoints join. */
  constructor(
    private readonly spec: FactSourceSpec,
    private readonly pool: string,
  ) {
    this.ttlMs = parseDuration(spec.ttl ?? SOURCE_DEFAULTS.factTtl);
  }

  /** One fact, in any order; the same again, or an older one of its lineage, changes nothing. Whether the content changed. */
  take({ fact, seq, acceptedMs }: ReadFact): boolean {
    if (fact.type === this.spec.retractType) return this.retract(fact);
    const { type, subject } = this.spec;
    if (fact.type !== type || (subject !== undefined && fact.subject !== subject)) return false;
    const lineage = lineageOf(fact.sourceNode, factKey(fact));
    const before = this.live.get(lineage);
    if (before && compareFacts(before.fact, fact) > 0) return false;
    if (this.isRetracted(fact)) return false;
    const read = endpointOf(fact, this.pool, seq);
    if (typeof read === 'string') {
      const reason = `fact ${fact.id} of ${fact.sourceNode}: ${read}`;
      const isNew = this.refused.get(lineage) !== reason;
      this.refused.delete(lineage);
      this.refused.set(lineage, reason);
      this.dropOldest(this.refused, MAX_REFUSED);
      return isNew;
    }
    const wasRefused = this.refused.delete(lineage);
    if (!this.isWanted(read)) return this.end(lineage) || wasRefused;
    const { expiresMs, lifeMs } = this.leaseOf(fact, acceptedMs);
    this.live.set(lineage, { fact, lifeMs, endpoint: read, expiresMs });
    this.expiries.set(lineage, expiresMs);
    this.retractedBy.set(lineage, retractionKeys(fact));
    return !before || wasRefused || !isSame(before.endpoint, read);
  }

  /** Ends what is over. Whether something was. */
  expire(nowMs: number): boolean {
    const due = this.expiries.dueBy(nowMs);
    for (const lineage of due) this.end(lineage);
    return due.length > 0;
  }

  /** Nobody could renew until `sinceMs`: nothing ends before it had as long for that as it lives. */
  outageOver(sinceMs: number): void {
    for (const [lineage, registration] of this.live) {
      registration.expiresMs = Math.max(registration.expiresMs, sinceMs + registration.lifeMs);
      this.expiries.set(lineage, registration.expiresMs);
    }
  }

  /** When the next registration is over. Milliseconds since 1970. */
  get nextDueMs(): number | undefined {
    return this.expiries.nextMs;
  }

  /** Live registrations, and what is remembered beside them. */
  get size(): number {
    return this.live.size + this.retractions.size + this.refused.size;
  }

  /** Everything that is registered; of two registrations of one place the one of the newest fact. */
  content(): SourceContent {
    const newest = new Map<string, Registration>();
    for (const registration of this.live.values()) {
      const key = endpointKey(registration.endpoint);
      const other = newest.get(key);
      if (!other || compareFacts(other.fact, registration.fact) < 0) newest.set(key, registration);
    }
    const endpoints = Array.from(newest.values(), ({ endpoint }) => endpoint);
    return { frame: [], endpoints, refused: [...this.refused.values()] };
  }

  private retract(fact: Fact): boolean {
    let changed = false;
    for (const key of retractionKeys(fact)) {
      const before = this.retractions.get(key);
      if (before && compareFacts(before, fact) >= 0) continue;
      this.retractions.delete(key);
      this.retractions.set(key, fact);
      for (const lineage of [...this.retractedBy.usersOf(key)])
        if (this.isRetracted(this.live.get(lineage)!.fact)) changed = this.end(lineage) || changed;
    }
    this.dropOldest(this.retractions, MAX_RETRACTIONS);
    return changed;
  }

  private isRetracted(fact: Fact): boolean {
    return retractionKeys(fact).some((key) => {
      const retraction = this.retractions.get(key);
      return retraction !== undefined && compareFacts(fact, retraction) <= 0;
    });
  }

  private isWanted({ tags = [] }: SourceEndpoint): boolean {
    return this.spec.tags?.every((tag) => tags.includes(tag)) ?? true;
  }

  private leaseOf(fact: Fact, acceptedMs: number): { readonly expiresMs: number; readonly lifeMs: number } {
    const expires = expiryNs(fact);
    if (expires === undefined) return { expiresMs: acceptedMs + this.ttlMs, lifeMs: bounded(this.ttlMs) };
    // strictly after its end (E4)
    const expiresMs = Number(expires / 1_000_000n) + 1;
    return { expiresMs, lifeMs: bounded(expiresMs - timestampMs(fact.observedAt)) };
  }

  private end(lineage: string): boolean {
    this.expiries.delete(lineage);
    this.retractedBy.set(lineage, []);
    return this.live.delete(lineage);
  }

  private dropOldest(kept: Map<string, unknown>, most: number): void {
    for (const key of kept.keys()) {
      if (kept.size <= most) return;
      kept.delete(key);
    }
  }
}

function bounded(lifeMs: number): number {
  return Math.min(Math.max(lifeMs, GRACE.least), GRACE.most);
}

/** What facts of two types have in common that belong together. */
function retractionKeys({ sourceNode, subject, dedupeKey, id }: Fact): string[] {
  return [
    ...(subject === '' ? [] : [`${sourceNode}\0subject\0${subject}`]),
    ...(dedupeKey === id ? [] : [`${sourceNode}\0key\0${dedupeKey}`]),
  ];
}

/** The endpoint that a fact announces, or what is wrong with its payload. */
function endpointOf(fact: Fact, pool: string, seq: number): SourceEndpoint | string {
  const { address = '', port = '', weight, tags } = fact.payload;
  if (familyOf(address) === undefined) return `payload.address "${shown(address)}" is no IP address`;
  const problem = hostAddressProblem(address);
  if (problem !== undefined) return `payload.address ${problem}`;
  if (!isWhole(port, 1, 65535)) return `payload.port "${shown(port)}" is no port from 1 to 65535`;
  if (weight !== undefined && !isWhole(weight, 0, 100))
    return `payload.weight "${shown(weight)}" is no whole number from 0 to 100`;
  const words = tags?.split(',').flatMap((tag) => tag.trim() || []) ?? [];
  const runFact: RunFact = {
    seq,
    id: fact.id,
    origin: fact.sourceNode,
    factKey: factKey(fact),
    subject: fact.subject,
  };
  return {
    ...{ pool, address, port: Number(port), fact: runFact },
    ...(weight !== undefined && { weight: Number(weight) }),
    ...(words.length > 0 && { tags: words }),
  };
}

function isWhole(text: string, least: number, most: number): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= least && Number(text) <= most;
}

/** A value from outside, short enough for a line. */
function shown(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}

function isSame(a: SourceEndpoint, b: SourceEndpoint): boolean {
  const said = (one: SourceEndpoint): string =>
    canonicalJson([endpointKey(one), one.weight ?? null, one.tags ?? []]);
  return said(a) === said(b);
}
