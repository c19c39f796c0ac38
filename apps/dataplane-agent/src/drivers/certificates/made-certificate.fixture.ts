import { generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';

/** A certificate of a test with its key, signed by itself or by another. */
export interface MadeCertificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS#8. */
  readonly key: string;
  /** As nodes tell it: 64 lower-case hex digits. */
  readonly sha256: string;
}

/** What a made certificate says; times in milliseconds since 1970. */
export interface CertificateWish {
  readonly hosts: readonly string[];
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  /** The key is one that no library of TLS takes: RSA of 512 bits. */
  readonly isWeak?: true;
}

const DAY_MS = 86_400_000;

/** Tags of DER. X.690. */
const TAG = { integer: 2, bits: 3, octets: 4, oid: 6, utf8: 12, utcTime: 23, sequence: 48, set: 49 } as const;
const OID = {
  commonName: [0x55, 0x04, 0x03],
  subjectAltName: [0x55, 0x1d, 0x11],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  sha256WithRsa: [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b],
} as const;

/** A certificate for these hosts that is valid from yesterday to in a month, with a key on P-256 of its own. RFC 5280. */
export function madeCertificate(...hosts: readonly string[]): MadeCertificate {
  return made({ hosts });
}

/** The same as wished. */
export function made({
  hosts,
  notBeforeMs = Date.now() - DAY_MS,
  notAfterMs = Date.now() + 30 * DAY_MS,
  isWeak,
}: CertificateWish): MadeCertificate {
  const { publicKey, privateKey } = isWeak
    ? generateKeyPairSync('rsa', { modulusLength: 512 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(TAG.sequence, der(TAG.oid, bytes(isWeak ? OID.sha256WithRsa : OID.ecdsaWithSha256)));
  const name = nameOf(hosts[0] ?? 'nobody');
  const body = der(
    TAG.sequence,
    der(0xa0, der(TAG.integer, bytes([2]))),
    der(TAG.integer, Buffer.concat([bytes([1]), randomBytes(15)])),
    algorithm,
    name,
    der(TAG.sequence, utcTime(notBeforeMs), utcTime(notAfterMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(TAG.sequence, altNames(hosts))),
  );
  const whole = der(TAG.sequence, body, algorithm, der(TAG.bits, bytes([0]), signatureOf(body, privateKey)));
  const certificate = new X509Certificate(whole);
  return {
    certificate: certificate.toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

/** Certificate and key in one text. */
export function pemOf({ certificate, key }: MadeCertificate): string {
  return certificate + key;
}

function signatureOf(body: Buffer, key: KeyObject): Buffer {
  return sign('sha256', body, key);
}

function nameOf(commonName: string): Buffer {
  const attribute = der(
    TAG.sequence,
    der(TAG.oid, bytes(OID.commonName)),
    der(TAG.utf8, Buffer.from(commonName)),
  );
  return der(TAG.sequence, der(TAG.set, attribute));
}

function altNames(hosts: readonly string[]): Buffer {
  // 0x82: a DNS name
  const names = der(TAG.sequence, ...hosts.map((host) => der(0x82, Buffer.from(host))));
  return der(TAG.sequence, der(TAG.oid, bytes(OID.subjectAltName)), der(TAG.octets, names));
}

function utcTime(ms: number): Buffer {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(TAG.utcTime, Buffer.from(text.slice(2)));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([bytes([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return bytes([length]);
  return length < 0x100 ? bytes([0x81, length]) : bytes([0x82, length >> 8, length & 0xff]);
}

function bytes(values: readonly number[]): Buffer {
  return Buffer.from(values);
}
