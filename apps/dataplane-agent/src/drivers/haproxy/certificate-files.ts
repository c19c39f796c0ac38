import { createHash } from 'node:crypto';
import type { NodeCertificate } from '@signalbox/contracts';
import { sourceKey } from '../certificates/certificate-judge.js';
import { proxyName } from './haproxy-names.js';

const SOURCE_CHARACTERS = 8;
const LIST_CHARACTERS = 16;

/**
 * Names of the files that HAProxy reads certificates from, in a directory of the agent's own. A name says where the certificate
 * comes from, so that another file of the same certificate is another copy, and no listener that goes on as before loses its own.
 */
export function copyName(certificate: NodeCertificate): string {
  return `${proxyName(certificate.name)}-${sha256(sourceKey(certificate)).slice(0, SOURCE_CHARACTERS)}.pem`;
}

/** The list of one listener's certificates, the default first; HAProxy finds the others by the hosts that they name. */
export function listText(certificates: readonly NodeCertificate[]): string {
  return certificates.map((certificate) => `${copyName(certificate)}\n`).join('');
}

/** Its name says what is in it: a list never changes. */
export function listName(certificates: readonly NodeCertificate[]): string {
  return `${sha256(listText(certificates)).slice(0, LIST_CHARACTERS)}.list`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
