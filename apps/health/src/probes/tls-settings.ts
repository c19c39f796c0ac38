import { isIP } from 'node:net';
import { createSecureContext, type ConnectionOptions, type SecureContext } from 'node:tls';
import type { ProbeTarget } from './probe.js';

/** How one handshake is made. No session is ever given, so none is reused. */
export type TlsSettings = Pick<
  ConnectionOptions,
  'secureContext' | 'host' | 'servername' | 'rejectUnauthorized' | 'ALPNProtocols'
>;

/** Whom TLS probes trust. Reading the authorities costs milliseconds, so it is done once, for all handshakes. */
export class TlsTrust {
  private context: SecureContext | undefined;

  /** `ca`: PEM of the authorities that are trusted in place of those of Node. */
  constructor(private readonly ca?: string) {}

  /**
   * The certificate must be for `serverName`, else for the name in `host`, else for the address. The final dot of a
   * name is part of neither SNI (RFC 6066, section 3) nor certificates; the `Host` header keeps it, as Go's client does.
   */
  settingsFor({ address, params }: ProbeTarget): TlsSettings {
    this.context ??= createSecureContext(this.ca === undefined ? {} : { ca: this.ca });
    const name = withoutFinalDot(params.serverName ?? nameIn(params.host) ?? address);
    return {
      secureContext: this.context,
      host: name,
      // RFC 6066, section 3: literal addresses are not permitted in SNI.
      ...(isIP(name) === 0 && { servername: name }),
      rejectUnauthorized: params.insecureSkipVerify !== true,
    };
  }
}

function withoutFinalDot(name: string): string {
  return name.replace(/\.$/, '');
}

/** The name in a `Host` header, without its port; undefined when it is an address. */
function nameIn(host: string | undefined): string | undefined {
  const name = host?.replace(/:\d*$/, '');
  return name === undefined || name === '' || name.startsWith('[') || isIP(name) !== 0 ? undefined : name;
}
