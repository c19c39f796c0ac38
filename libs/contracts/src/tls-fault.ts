/** What codes of Node.js and OpenSSL mean, in the words of settings. */
const SERVER: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet (is our clock right?)',
  CERT_REVOKED: 'was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name than the one that we call it by',
};

/** Nobody who is trusted has signed it. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|CERT_UNTRUSTED|CERT_CHAIN_TOO_LONG|INVALID_CA/;
/** The other side speaks: it wants a certificate of ours, or does not like the one it got. */
const DEMANDED = /ALERT_CERTIFICATE_REQUIRED/;
const DECLINED =
  /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|(?:UNSUPPORTED_)?CERTIFICATE|CERTIFICATE_\w+|ACCESS_DENIED)/;

/**
 * Why a TLS handshake failed over a certificate, by the code of Node.js' error; undefined when it failed over something else.
 */
export function tlsFault(code: string | undefined): string | undefined {
  if (code === undefined) return undefined;
  const known = Object.hasOwn(SERVER, code) ? SERVER[code] : undefined;
  const fault = known ?? (UNTRUSTED.test(code) ? 'is signed by nobody whom we trust' : undefined);
  if (fault !== undefined) return `the certificate of the server ${fault}`;
  if (DEMANDED.test(code)) return 'the server demands a certificate of ours';
  if (DECLINED.test(code)) return 'the server does not take our certificate (signed by whom? expired?)';
  return undefined;
}
