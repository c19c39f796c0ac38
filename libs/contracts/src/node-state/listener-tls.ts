/** How a listener ends TLS, and what it tells its targets of the client that they no longer see. spec/balance "Resources". */

/** Oldest version of TLS that clients may speak: those before 1.2 are not to be used any more (RFC 8996). */
export const TLS_VERSIONS = ['1.2', '1.3'] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

/** A certificate as a node knows it: where it lies there. What is in the file, the key above all, stays on the node. */
export interface NodeCertificate {
  /** Scoped name of the Certificate. */
  readonly name: string;
  /** Path on the node: certificate and chain in PEM, and the private key unless {@link keyFile} holds it. */
  readonly file: string;
  /** Path on the node of the private key in PEM. */
  readonly keyFile?: string;
}

/** How TLS ends at a listener. */
export interface NodeTls {
  /** The first serves clients that name no host, or one that no certificate is for; each other the hosts that it names. */
  readonly certificates: readonly NodeCertificate[];
  readonly minVersion: TlsVersion;
  /** Clients may choose HTTP/2 (ALPN `h2`). */
  readonly http2: boolean;
}

/** What a listener has that does not say; 1.2 as most clients in the field need. */
export const DEFAULT_TLS = { minVersion: '1.2', http2: true } as const satisfies Omit<
  NodeTls,
  'certificates'
>;

/** Headers that a proxy of requests can tell its targets. Reference load-balancing section 8, "insert_headers". */
export const INSERTABLE_HEADERS = ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Port'] as const;
export type InsertableHeader = (typeof INSERTABLE_HEADERS)[number];

/** Versions of the PROXY protocol, which tells a target in front of a connection where its client comes from. */
export const PROXY_PROTOCOLS = ['v1', 'v2'] as const;
export type ProxyProtocol = (typeof PROXY_PROTOCOLS)[number];

/** A certificate that a node serves, as it read it there. The key is never told. */
export interface ServedCertificate {
  /** Scoped name of the Certificate. */
  readonly name: string;
  /** Of the certificate in DER: 64 lower-case hex digits. */
  readonly sha256: string;
  /** Hosts that it is for, in its order; at most {@link MOST_TOLD_NAMES} of them. */
  readonly names: readonly string[];
  /** From when on it is valid. */
  readonly notBefore: string;
  /** Until when it is valid. */
  readonly notAfter: string;
}

/** Most names of one certificate that a node tells: a record has to fit into a message. */
export const MOST_TOLD_NAMES = 20;
