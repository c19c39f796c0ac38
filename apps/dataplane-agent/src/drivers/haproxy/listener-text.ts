import { join } from 'node:path';
import { addressFamily, BOUNDS, type InsertableHeader, readsRequests } from '@signalbox/contracts';
import { listName } from './certificate-files.js';
import { proxyName, serverIds, serverName } from './haproxy-names.js';
import { type PlacedListener, placeText } from './placed-listener.js';
import { policyLines } from './policy-text.js';
import { quoted } from './quoted.js';

/** Clients that a table remembers; the oldest make room. */
const MOST_CLIENTS = BOUNDS.rememberedClients;

/** Characters of an application's cookie that tell clients apart. */
const COOKIE_CHARACTERS = 128;

/** How long a client that is silent is remembered by the cookie of its application, as in the tenant-API anchor. */
const APP_COOKIE_EXPIRE = '3h';

/** Connects after the first one fails, each to another target. */
const RETRIES = 3;

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
export interface ListenerText {
  readonly head: readonly string[];
  readonly servers: readonly string[];
}

/** The section of one listener that `haproxyLack` let pass. `certificates`: the directory of their copies. */
export function listenerText(listener: PlacedListener, certificates: string): ListenerText {
  const { name, listensAt, protocol, algorithm, connectionLimit, timeouts } = listener;
  if (algorithm === 'maglev') throw new Error(`listener ${name}: HAProxy has no maglev`);
  const v6only = addressFamily(listensAt.address) === 'IPv6' ? ' v6only' : '';
  const head = [
    `listen ${proxyName(name)}`,
    `bind ${placeText(listensAt)}${v6only}${tlsWords(listener, certificates)}`,
    `mode ${readsRequests(protocol) ? 'http' : 'tcp'}`,
    `timeout connect ${timeouts.connectMs}ms`,
    ...(timeouts.clientMs > 0 ? [`timeout client ${timeouts.clientMs}ms`] : []),
    ...(timeouts.targetMs > 0 ? [`timeout server ${timeouts.targetMs}ms`] : []),
    `retries ${RETRIES}`,
    'option redispatch 1',
    // `maxconn` would leave the others waiting in the kernel, unseen and uncounted
    ...(connectionLimit === undefined
      ? []
      : [`tcp-request connection reject if { fe_conn gt ${connectionLimit} }`]),
    ...BALANCE[algorithm],
    ...affinityLines(listener),
    // in front of our headers: rules look at what the client sent
    ...policyLines(listener.policies ?? []),
    ...(listener.insertHeaders ?? []).map((header) => headerLine(header, listener)),
    // only servers of the file heed it: what is added at run time says it itself
    ...(listener.proxyProtocol === undefined ? [] : [`default-server${proxyProtocolWord(listener)}`]),
  ];
  return { head, servers: serverLines(listener) };
}

/** Servers with a cookie cannot be added at run time before HAProxy 3: those of such a listener are part of its shape. */
export function hasFixedServers(listener: PlacedListener): boolean {
  return listener.affinity?.type === 'http-cookie';
}

/** Whether HAProxy keeps a table of clients for the listener. */
export function hasTable(listener: PlacedListener): boolean {
  return listener.affinity !== undefined && listener.affinity.type !== 'http-cookie';
}

/** What a server that is told of clients has, in the file or added at run time. */
export function proxyProtocolWord({ proxyProtocol }: PlacedListener): string {
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

function affinityLines({ affinity, listensAt }: PlacedListener): string[] {
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
function serverLines(listener: PlacedListener): string[] {
  const ids = serverIds(listener.targets);
  return listener.targets.map((target) => {
    const name = serverName(target);
    const id = ids.get(name) ?? 0;
    const cookie = listener.affinity?.type === 'http-cookie' ? ` cookie ${id.toString(16)}` : '';
    const disabled = target.weight === 0 ? ' disabled' : '';
    return `server ${name} ${placeText(target)} id ${id}${cookie} weight ${target.weight}${disabled}`;
  });
}
