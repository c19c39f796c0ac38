import {
  canonicalAddress,
  compareAddresses,
  FORMATS,
  hostAddressProblem,
  type DnsSourceSpec,
} from '@signalbox/contracts';
import { MAX_REFUSED, type Observation, type SourceEndpoint } from './endpoint.js';

/** Most targets of SRV records that are looked up; those behind them by name are left out. */
export const MAX_TARGETS = 512;

/**
 * What is known of one name and type. `found`: its records, in the form of zone files. `nothing`: the name has none of this type.
 * `unknown`: it could not be asked, or nobody knows the name; the reason is for people. `ttlMs` says how long it holds.
 */
export type Finding =
  | { readonly type: 'found'; readonly values: readonly string[]; readonly ttlMs: number }
  | { readonly type: 'nothing'; readonly ttlMs?: number }
  | { readonly type: 'unknown'; readonly reason: string };

/** One target of SRV records. */
export interface SrvTarget {
  /** In lower case, without the final dot. */
  readonly host: string;
  readonly port: number;
  /** 1-100; absent when no record of its group has a weight. */
  readonly weight?: number;
}

/** What the SRV records of a name say. */
export interface SrvTargets {
  /** By host and port. */
  readonly targets: readonly SrvTarget[];
  /** The only target is the root: by RFC 2782 the service is decidedly not there. */
  readonly isOff: boolean;
  readonly refused: readonly string[];
}

/** Everything that one look brought. */
export interface DnsFindings {
  /** Of the name that the source names. */
  readonly named: Finding;
  /** Addresses of the hosts of SRV records. */
  readonly hosts: ReadonlyMap<string, Finding>;
}

/** Addresses of hosts of SRV records when they could be asked last. */
export type KnownAddresses = ReadonlyMap<string, readonly string[]>;

/** What follows from a look. */
export interface DnsJudgement {
  readonly observation: Observation;
  /** To be given to the next judgement. */
  readonly known: KnownAddresses;
  /** How long all of it holds, by its shortest TTL; absent when nothing says so. */
  readonly ttlMs?: number;
  /** Something could not be asked: it is to be asked again before long. */
  readonly hasGaps: boolean;
  /** It would be content if {@link DnsAim.mayWait} were not. */
  readonly isWaiting?: true;
  /** Hosts that could not be asked and whose last known addresses stay, each with the reason. */
  readonly held: readonly string[];
}

/** What a judgement is made for. */
export interface DnsAim {
  readonly pool: string;
  readonly dns: DnsSourceSpec;
  /**
   * Nothing was ever said of this source since the process began, and it may wait: a host that cannot be asked may have
   * addresses that serve already.
   */
  readonly mayWait: boolean;
}

/** What the records of a name make of its source. spec/balance "Discovery", ADR 0028. */
export function judgeDns(aim: DnsAim, findings: DnsFindings, known: KnownAddresses): DnsJudgement {
  const { named } = findings;
  if (named.type === 'unknown')
    return { observation: unavailable(named.reason), known, hasGaps: true, held: [] };
  if (named.type === 'nothing') return emptied(named.ttlMs);
  if (aim.dns.type === 'SRV') return judgeSrv(aim, named, findings.hosts, known);
  const { pool, dns } = aim;
  const taken = addressesOf(named.values);
  const endpoints = taken.addresses.map((address) => ({ pool, address, port: dns.port ?? 0 }));
  return {
    observation: contentOf(endpoints, taken.refused),
    known,
    ttlMs: named.ttlMs,
    hasGaps: false,
    held: [],
  };
}

/**
 * The targets that serve: those of the lowest priority (RFC 2782). The others are spare, which is for pools of their own.
 * Weights are scaled so that the greatest is 100; one of 0 beside others "should have a very small chance": 1.
 */
export function srvTargets(values: readonly string[]): SrvTargets {
  const refused: string[] = [];
  const records = [...values].sort().map(readSrv);
  const isOff = records.length === 1 && records[0]?.host === '.';
  const usable = records.filter(({ host, port }) => {
    const problem = port === 0 ? 'names port 0' : isHost(host) ? undefined : 'is no name of a host';
    if (problem !== undefined && !isOff) refused.push(`target ${host} ${problem}`);
    return problem === undefined;
  });
  const first = Math.min(...usable.map(({ priority }) => priority));
  const serving = usable.filter(({ priority }) => priority === first);
  const greatest = Math.max(...serving.map(({ weight }) => weight));
  const targets = new Map<string, SrvTarget>();
  for (const { host, port, weight } of serving.sort(bySrv)) {
    const key = `${host} ${port}`;
    if (targets.has(key)) continue;
    const share = greatest > 0 && { weight: Math.max(1, Math.round((100 * weight) / greatest)) };
    targets.set(key, { host, port, ...share });
  }
  const spare = usable.length - serving.length;
  if (spare > 0) refused.push(`${spare} of a higher priority number than ${first}: the lowest one serves`);
  const left = targets.size - MAX_TARGETS;
  if (left > 0) refused.push(`${left} targets: at most ${MAX_TARGETS} are looked up`);
  return { targets: [...targets.values()].slice(0, MAX_TARGETS), isOff, refused };
}

/**
 * When to ask again: when what was found ends, after gaps at the least interval and then twice as long each time, within both
 * intervals. `gaps`: looks with gaps in a row. Milliseconds.
 */
export function nextLookMs(
  ttlMs: number | undefined,
  gaps: number,
  { leastMs, mostMs }: { readonly leastMs: number; readonly mostMs: number },
): number {
  const retryMs = gaps === 0 ? mostMs : leastMs * 2 ** (gaps - 1);
  return Math.min(mostMs, Math.max(leastMs, Math.min(ttlMs ?? mostMs, retryMs)));
}

interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly host: string;
}

function readSrv(value: string): SrvRecord {
  const [priority, weight, port, host = ''] = value.split(' ');
  return {
    priority: Number(priority),
    weight: Number(weight),
    port: Number(port),
    host: host.toLowerCase(),
  };
}

function isHost(host: string): boolean {
  return host !== '.' && FORMATS['dns-name'].test(host);
}

/** Of records of one host and port the one of the greatest weight comes first, whatever order they came in. */
function bySrv(a: SrvRecord, b: SrvRecord): number {
  return a.host < b.host ? -1 : a.host > b.host ? 1 : a.port - b.port || b.weight - a.weight;
}

function judgeSrv(
  { pool, mayWait }: DnsAim,
  named: Finding & { type: 'found' },
  hosts: DnsFindings['hosts'],
  known: KnownAddresses,
): DnsJudgement {
  const { targets, isOff, refused } = srvTargets(named.values);
  if (isOff) return emptied(named.ttlMs);
  const survey = surveyHosts(new Map([...hosts].sort(byName)), known);
  const places = targets.flatMap(({ host, ...place }) =>
    (survey.addresses.get(host) ?? []).map((address) => ({ pool, address, ...place })),
  );
  const { gaps, held } = survey;
  const told = [...refused, ...survey.refused, ...gaps];
  const isWaiting = mayWait && gaps.length > 0;
  const observation = isWaiting
    ? unavailable(`${gaps[0]}, and what it had before is not known`)
    : contentOf(places, places.length > 0 ? told : [...told, ...held]);
  const ttlMs = Math.min(named.ttlMs, survey.ttlMs);
  const hasGaps = gaps.length + held.length > 0;
  return { observation, known: survey.known, ttlMs, hasGaps, held, ...(isWaiting && { isWaiting }) };
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface HostSurvey {
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  readonly known: KnownAddresses;
  readonly ttlMs: number;
  readonly refused: readonly string[];
  /** What could not be asked and of which nothing is known. */
  readonly gaps: readonly string[];
  readonly held: readonly string[];
}

/** Addresses of each host: those found, or those found last as long as it cannot be asked. */
function surveyHosts(hosts: DnsFindings['hosts'], known: KnownAddresses): HostSurvey {
  const addresses = new Map<string, readonly string[]>();
  const kept = new Map<string, readonly string[]>();
  const refused: string[] = [];
  const gaps: string[] = [];
  const held: string[] = [];
  let ttlMs = Infinity;
  for (const [host, finding] of hosts) {
    const last = known.get(host);
    if (finding.type === 'unknown') (last ? held : gaps).push(`${host}: ${finding.reason}`);
    else ttlMs = Math.min(ttlMs, finding.ttlMs ?? Infinity);
    if (finding.type === 'nothing') refused.push(`${host} has no address of the family`);
    const now = finding.type === 'found' ? finding.values : finding.type === 'nothing' ? [] : last;
    if (!now) continue;
    kept.set(host, now);
    const taken = addressesOf(now);
    refused.push(...taken.refused.map((problem) => `${host}: ${problem}`));
    addresses.set(host, taken.addresses);
  }
  return { addresses, known: kept, ttlMs, refused, gaps, held };
}

/** Addresses that a host can have, each once, in order; and what is wrong with the others. */
function addressesOf(values: readonly string[]): {
  addresses: readonly string[];
  refused: readonly string[];
} {
  const addresses: string[] = [];
  const refused: string[] = [];
  for (const address of [...new Set(values.map(canonicalAddress))].sort(compareAddresses)) {
    const problem = hostAddressProblem(address);
    if (problem === undefined) addresses.push(address);
    else refused.push(`${address} ${problem}`);
  }
  return { addresses, refused };
}

/**
 * Only the name itself says that there is nothing: records of which none can be used are a mistake that must not take
 * away what worked.
 */
function contentOf(endpoints: readonly SourceEndpoint[], refused: readonly string[]): Observation {
  if (endpoints.length > 0)
    return { type: 'content', content: { frame: [], endpoints, refused: refused.slice(0, MAX_REFUSED) } };
  const more = refused.length > 1 ? ` (and ${refused.length - 1} more)` : '';
  return unavailable(`no record can be used: ${refused[0]}${more}`);
}

/** The name has nothing; what was known of hosts goes with it. */
function emptied(ttlMs: number | undefined): DnsJudgement {
  const observation: Observation = { type: 'content', content: { frame: [], endpoints: [], refused: [] } };
  return { observation, known: new Map(), ...(ttlMs !== undefined && { ttlMs }), hasGaps: false, held: [] };
}

function unavailable(reason: string): Observation {
  return { type: 'unavailable', reason };
}
