import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { AccessSource } from './nats-access.js';

/** Certificates for a connection by TLS, as PEM: whom we trust, and who we are. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Reads `<of>_CA_FILE`, `<of>_CERT_FILE` and `<of>_KEY_FILE`. A certificate that is none, does not fit its key or has expired is a
 * mistake: no server would take it.
 */
export function readTlsFiles(of: 'NATS' | 'DATABASE', { env, fileOf, mistake }: AccessSource): TlsFiles {
  const [caFile, certFile, keyFile] = [`${of}_CA_FILE`, `${of}_CERT_FILE`, `${of}_KEY_FILE`] as const;
  const [ca, cert, key] = [caFile, certFile, keyFile].map(fileOf);
  const [certGiven, keyGiven] = [env[certFile], env[keyFile]].map(Boolean);
  if (certGiven !== keyGiven)
    mistake(`${certFile} and ${keyFile} go together: ${certGiven ? keyFile : certFile} is not set`);
  const named = (variable: string): string => `${variable} names ${env[variable]}, which`;
  if (ca && !certificateOf(ca)) mistake(`${named(caFile)} holds no certificate in PEM`);
  if (cert && key) {
    const certificate = certificateOf(cert);
    const privateKey = keyOf(key);
    if (!certificate) mistake(`${named(certFile)} holds no certificate in PEM`);
    else if (Date.parse(certificate.validTo) < Date.now())
      mistake(`${named(certFile)} holds a certificate that has expired (${certificate.validTo})`);
    if (!privateKey) mistake(`${named(keyFile)} holds no private key in PEM without a passphrase`);
    else if (certificate && !certificate.checkPrivateKey(privateKey))
      mistake(`${named(keyFile)} holds another key than that of the certificate of ${certFile}`);
  }
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function keyOf(pem: string): ReturnType<typeof createPrivateKey> | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
