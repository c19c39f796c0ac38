import { isIPv6 } from 'node:net';
import { HEALTH_CHECK_DEFAULTS } from '@signalbox/contracts';
import type { ProbeTarget } from './probe.js';
import { USER_AGENT } from './user-agent.js';

const DEFAULT_PORTS = { http: 80, https: 443 } as const;

/** The request of a probe, as it is sent. Throws when the host can be no `Host` header. RFC 9112, section 3. */
export function requestText({ type, address, port, params }: ProbeTarget): string {
  const isDefaultPort = port === DEFAULT_PORTS[type === 'https' ? 'https' : 'http'];
  const host = params.host ?? authority(address, isDefaultPort ? undefined : port);
  if (!/^[\x21-\x7e]+$/.test(host)) throw new Error(`no host header can be ${JSON.stringify(host)}`);
  // What no request line may hold is sent as it would be by a browser.
  const path = (params.path ?? HEALTH_CHECK_DEFAULTS.path).replace(/[^\x21-\x7e]+/gu, encodeURIComponent);
  return (
    `GET ${path.startsWith('/') ? '' : '/'}${path} HTTP/1.1\r\nHost: ${host}\r\n` +
    `User-Agent: ${USER_AGENT}\r\nAccept: */*\r\nConnection: close\r\n\r\n`
  );
}

/** An address and port as URLs and `Host` headers hold them. A zone is of no meaning to others. RFC 3986, 3.2.2. */
export function authority(address: string, port: number | undefined): string {
  const host = isIPv6(address) ? `[${address.replace(/%.*$/, '')}]` : address;
  return port === undefined ? host : `${host}:${port}`;
}
