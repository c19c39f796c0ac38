import { join } from 'node:path';
import { addressFamily, BOUNDS, type InsertableHeader, readsRequests } from '@signalbox/contracts';
import { listName } from './certificate-files.js';
import { poolProxyName, serverIds, serverName } from './haproxy-names.js';
import { type Place, type PlacedListener, placeText } from './placed-listener.js';
import { choiceLines, policyLines } from './policy-text.js';
import { quoted } from './quoted.js';
import { type ServerGroup, serverGroups } from './server-group.js';

/** Clients that a table remembers; the oldest make room. */
const MOST_CLIENTS = BOUNDS.rememberedClients;

/** Characters of an application's cookie that tell clients apart. */
const COOKIE_CHARACTERS = 128;

/** How long a client that is silent is remembered by the cookie of its application, as in the tenant-API anchor. */
const APP_COOKIE_EXPIRE = '3h';

/** Connects after the first one fails, each to another target. */
const RETRIES = 3;
const RETRY_LINES = [`retries ${RETRIES}`, 'option redispatch 1'];

/** The group of processes that hand over their tables of clients: the one that a reload ends to the one it starts. */
export const PEERS = 'signalbox';

const BALANCE = {
  'round-robin': ['balance roundrobin'],
  'least-connections': ['balance leastconn'],
  // `avalanche`: addresses that follow each other are spread, which the ring alone does not do
  'source-hash': ['balance source', 'hash-type consistent sdbm avalanche'],
  random: ['balance random(1)'],
} as const;

/** A section in two parts: `head` holds what only a reload changes, `servers` what the admin socket can change too. */
export interface SectionText {
  readonly head: readonly string[];
  readonly servers: readonly string[];
  /** Also which servers there are, only a reload changes. */
  readonly hasFixedServers: boolean;
}

/**
 * The sections of one listener that `haproxyLack` let pass: its own, and one for each of its policy pools. `certificates`: the directory
 * of their copies.
 */
export function listenerText(listener: PlacedListener, certificates: string): readonly SectionText[] {
  const [own, ...pools] = serverGroups(listener);
  return [
    sectionText(listener, own!, listenHead(listener, own!, pools, certificates)),
    ...pools.map((pool) => sectionText(listener, pool, poolHead(listener, pool))),
  ];
}

function sectionText(listener: PlacedListener, group: ServerGroup, head: readonly string[]): SectionText {
  // only servers of the file heed it: what is added at run time says it itself
  const told = group.proxyProtocol === undefined ? [] : [`default-server${proxyProtocolWord(group)}`];
  const hasFixed = hasFixedServers(group);
  return { head: [...head, ...told], servers: serverLines(group), hasFixedServers: hasFixed };
}

function listenHead(
  listener: PlacedListener,
  own: ServerGroup,
  pools: readonly ServerGroup[],
  certificates: string,
): readonly string[] {
  const { name, listensAt, connectionLimit, timeouts } = listener;
  const v6only = addressFamily(listensAt.address) === 'IPv6' ? ' v6only' : '';
  return [
    `listen ${own.proxy}`,
    `bind ${placeText(listensAt)}${v6only}${tlsWords(listener, certificates)}`,
    modeLine(listener),
    `timeout connect ${timeouts.connectMs}ms`,
    ...(timeouts.clientMs > 0 ? [`timeout client ${timeouts.clientMs}ms`] : []),
    ...targetTimeout(listener),
    ...RETRY_LINES,
    // `maxconn` would leave the others waiting in the kernel, unseen and uncounted
    ...(connectionLimit === undefined
      ? []
      : [`tcp-request connection reject if { fe_conn gt ${connectionLimit} }`]),
    ...spreadingLines(listener, own),
    // in front of our headers: rules look at what the client sent
    ...policyLines(listener.policies ?? [], (pool) => poolProxyName(name, pool)),
    ...(listener.insertHeaders ?? []).map((header) => headerLine(header, listener)),
    ...choiceLines(pools.map(({ proxy }) => proxy)),
  ];
}

/** What a policy pool does not have from the section of its listener. */
function poolHead(listener: PlacedListener, pool: ServerGroup): readonly string[] {
  return [
    `backend ${pool.proxy}`,
    modeLine(listener),
    `timeout connect ${listener.timeouts.connectMs}ms`,
    ...targetTimeout(listener),
    ...RETRY_LINES,
    ...spreadingLines(listener, pool),
  ];
}

function modeLine({ protocol }: PlacedListener): string {
  return `mode ${readsRequests(protocol) ? 'http' : 'tcp'}`;
}

function targetTimeout({ timeouts }: PlacedListener): string[] {
  return timeouts.targetMs > 0 ? [`timeout server ${timeouts.targetMs}ms`] : [];
}

function spreadingLines({ name, listensAt }: PlacedListener, group: ServerGroup): string[] {
  if (group.algorithm === 'maglev') throw new Error(`listener ${name}: HAProxy has no maglev`);
  return [...BALANCE[group.algorithm], ...affinityLines(group, listensAt)];
}

/** Servers with a cookie cannot be added at run time before HAProxy 3: those of such a group are part of its shape. */
export function hasFixedServers({ affinity }: Pick<ServerGroup, 'affinity'>): boolean {
  return affinity?.type === 'http-cookie';
}

/** Whether HAProxy keeps a table of clients for the listener, or for a policy pool of it. */
export function hasTable({ affinity, policyPools = [] }: PlacedListener): boolean {
  return [affinity, ...policyPools.map((pool) => pool.affinity)].some(
    (one) => one !== undefined && one.type !== 'http-cookie',
  );
}

/** What a server that is told of clients has, in the file or added at run time. */
export function proxyProtocolWord({ proxyProtocol }: Pick<ServerGroup, 'proxyProtocol'>): string {
  if (proxyProtocol === undefined) return '';
  return proxyProtocol === 'v1' ? ' send-proxy' : ' send-proxy-v2';
}

function tlsWords({ tls }: PlacedListener, certificates: string): string {
  if (!tls) return '';
  const list = quoted(join(certificates, listName(tls.certificates)));
  const alpn = tls.http2 ? 'h2,http/1.1' : 'http/1.1';
  return ` ssl crt-list ${list} alpn ${alpn} ssl-min-ver TLSv${tls.minVersion}`;
}

/**
 * `X-Forwarded-For` is added behind those that a client sent, as proxies on the way do; the others are ours alone. The port is that of
 * the VIP, wherever the node listens for it.
 */
function headerLine(header: InsertableHeader, { tls, port }: PlacedListener): string {
  switch (header) {
    case 'X-Forwarded-For':
      return 'option forwardfor';
    case 'X-Forwarded-Proto':
      return `http-request set-header ${header} ${tls ? 'https' : 'http'}`;
    case 'X-Forwarded-Port':
      return `http-request set-header ${header} ${port}`;
  }
}

function affinityLines({ affinity }: ServerGroup, listensAt: Place): string[] {
  switch (affinity?.type) {
    case undefined:
      return [];
    case 'source-ip': {
      const type = addressFamily(listensAt.address) === 'IPv4' ? 'ip' : 'ipv6';
      return [
        `stick-table type ${type} size ${MOST_CLIENTS} expire ${affinity.timeoutMs}ms peers ${PEERS}`,
        'stick on src',
      ];
    }
    case 'http-cookie':
      return [`cookie ${affinity.cookie} insert indirect nocache httponly`];
    case 'app-cookie':
      // the cookie stays as the application set it: `cookie … prefix` would show clients another value
      return [
        `stick-table type string len ${COOKIE_CHARACTERS} size ${MOST_CLIENTS} expire ${APP_COOKIE_EXPIRE} peers ${PEERS}`,
        `stick match req.cook(${affinity.cookie})`,
        `stick store-response res.cook(${affinity.cookie})`,
      ];
  }
}

/**
 * A target without weight is in maintenance: HAProxy's own weight 0 still takes clients that a cookie or a table brings.
 */
function serverLines({ targets, affinity }: ServerGroup): string[] {
  const ids = serverIds(targets);
  return targets.map((target) => {
    const name = serverName(target);
    const id = ids.get(name) ?? 0;
    const cookie = affinity?.type === 'http-cookie' ? ` cookie ${id.toString(16)}` : '';
    const disabled = target.weight === 0 ? ' disabled' : '';
    return `server ${name} ${placeText(target)} id ${id}${cookie} weight ${target.weight}${disabled}`;
  });
}
