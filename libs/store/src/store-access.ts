import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from 'node:tls';

/** Where Postgres is, with the login. */
export interface StoreAccess {
  readonly url: string;
  /** The connection is encrypted, and the server proves its name; as PEM. Absent: in the clear. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/**
 * TLS as the client of Postgres takes it (`sslmode=verify-full`). The client would have the certificate of a server that is named by
 * its address checked against `localhost`.
 */
export function tlsOf({
  url,
  tls,
}: StoreAccess):
  Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'checkServerIdentity'> | undefined {
  if (!tls) return undefined;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  return {
    ...tls,
    rejectUnauthorized: true,
    checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
      checkServerIdentity(host, certificate),
  };
}
