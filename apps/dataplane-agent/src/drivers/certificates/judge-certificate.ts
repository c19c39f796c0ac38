import { createPrivateKey, type KeyObject, sign, verify, X509Certificate } from 'node:crypto';
import {
  formatTime,
  MOST_TOLD_NAMES,
  type NodeCertificate,
  type ServedCertificate,
} from '@signalbox/contracts';
import { type PemBlock, pemBlocks } from './pem-blocks.js';

/** A certificate with its key that a data plane can serve. */
export interface GoodCertificate {
  /** Key, certificate and chain, each whole, without empty lines. Never told to anybody but the data plane. */
  readonly pem: string;
  /** Fingerprint by SHA-1 of the certificate, in upper-case hex: what HAProxy tells of one that it serves. */
  readonly sha1: string;
  readonly served: Omit<ServedCertificate, 'name'>;
}

/** Whether a certificate can be served, or why not; the fault names the file. */
export type Verdict = { readonly good: GoodCertificate } | { readonly fault: string };

/** The texts of both files; the same text twice when one file has everything. */
export interface CertificateTexts {
  readonly chain: string;
  readonly key: string;
}

const CERTIFICATE = 'CERTIFICATE';
const PRIVATE_KEY = /(?:^| )PRIVATE KEY$/;
const ENCRYPTED = /^(?:-----BEGIN ENCRYPTED |Proc-Type:.*ENCRYPTED)/m;

/**
 * Whether these files are a certificate with its key that is valid now: whole, the key unencrypted and that of the first
 * certificate. Whether the issuer is trusted is for clients to say. `nowMs`: milliseconds since 1970; undefined: valid or not is
 * not asked.
 */
export function judgeCertificate(
  { file, keyFile = file }: NodeCertificate,
  texts: CertificateTexts,
  nowMs: number | undefined,
): Verdict {
  const [chain, keys] = [pemBlocks(texts.chain), pemBlocks(texts.key)];
  if (!chain || !keys) {
    return { fault: `${chain ? keyFile : file} is not whole: a block of PEM is cut, or still being written` };
  }
  const certificates = chain.filter(({ label }) => label === CERTIFICATE);
  const parsed = certificates.map(parsedCertificate);
  const [leaf] = parsed;
  if (certificates.length === 0) return { fault: `${file} holds no certificate` };
  const broken = parsed.findIndex((one) => one === undefined);
  if (!leaf || broken >= 0) return { fault: `${file}: certificate ${broken + 1} of the file cannot be read` };
  const key = onlyKey(keys);
  if ('fault' in key) return { fault: `${keyFile} ${key.fault}` };
  if (!isKeyOf(leaf, key.object)) {
    return { fault: `${keyFile}: the private key is not that of the first certificate of ${file}` };
  }
  const validity = nowMs === undefined ? undefined : validityFault(leaf, nowMs);
  if (validity !== undefined) return { fault: `${file} ${validity}` };
  return {
    good: {
      pem: [key.text, ...certificates.map(({ text }) => text), ''].join('\n'),
      sha1: leaf.fingerprint.replaceAll(':', ''),
      served: {
        sha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
        names: namesOf(leaf),
        notBefore: formatTime(Date.parse(leaf.validFrom)),
        notAfter: formatTime(Date.parse(leaf.validTo)),
      },
    },
  };
}

function parsedCertificate({ text }: PemBlock): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}

function onlyKey(
  blocks: readonly PemBlock[],
): { readonly object: KeyObject; readonly text: string } | { readonly fault: string } {
  const [key, ...others] = blocks.filter(({ label }) => PRIVATE_KEY.test(label));
  if (!key) return { fault: 'holds no private key' };
  if (others.length > 0) return { fault: `holds ${others.length + 1} private keys; leave the one` };
  if (ENCRYPTED.test(key.text)) {
    return { fault: 'holds an encrypted private key, and nobody is there to type its passphrase' };
  }
  try {
    return { object: createPrivateKey(key.text), text: key.text };
  } catch {
    return { fault: 'holds a private key that cannot be read' };
  }
}

/** Tried, and not only compared: a key whose private part is broken still has the right public one. */
function isKeyOf(leaf: X509Certificate, key: KeyObject): boolean {
  if (!leaf.checkPrivateKey(key)) return false;
  const digest = key.asymmetricKeyType?.startsWith('ed') === true ? null : 'sha256';
  const text = Buffer.from('tried');
  return verify(digest, text, leaf.publicKey, sign(digest, text, key));
}

function validityFault({ validFrom, validTo }: X509Certificate, nowMs: number): string | undefined {
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  if (nowMs < from) return `is not valid before ${formatTime(from)}`;
  return nowMs > to ? `is expired since ${formatTime(to)}` : undefined;
}

/** Hosts of a certificate: those of its extension, or else the common name. */
function namesOf({ subjectAltName = '', subject = '' }: X509Certificate): string[] {
  const names = Array.from(
    subjectAltName.matchAll(/(?:^|, )(?:DNS|IP Address):([^,"]+)/g),
    ([, name = '']) => name,
  );
  const common = /^CN=(.*)$/m.exec(subject)?.[1];
  return (names.length > 0 ? names : common === undefined ? [] : [common]).slice(0, MOST_TOLD_NAMES);
}
