import type { ErrorBody, NodeListener, NodeTls, ServedCertificate } from '@signalbox/contracts';
import { sourceKey } from '../certificates/certificate-judge.js';
import type { StandingCertificate } from './certificate-copies.js';

/** How many faults a text names before it counts the rest. */
const SHOWN_FAULTS = 3;

/** What one listener shows to clients. */
export interface ShownCertificates {
  readonly certificates: readonly ServedCertificate[];
  /** What is wrong with the files of that. */
  readonly warning?: string;
}

/** What listeners can show. */
export interface ShownByListener {
  /** Those without a certificate that can be served. */
  readonly refused: ReadonlyMap<string, ErrorBody>;
  readonly shown: ReadonlyMap<string, ShownCertificates>;
}

/** What each listener that ends TLS can show, from how its certificates stand, by {@link sourceKey}. */
export function shownCertificates(
  listeners: readonly NodeListener[],
  standing: ReadonlyMap<string, StandingCertificate>,
): ShownByListener {
  const refused = new Map<string, ErrorBody>();
  const shown = new Map<string, ShownCertificates>();
  for (const { name, tls } of listeners) {
    if (!tls) continue;
    const certificates = servedOf(tls, standing);
    const faults = faultsOf(tls, standing);
    const text = faultsText(faults);
    if (certificates.length < tls.certificates.length) {
      const message = `listener ${name} cannot be served: ${text}`;
      refused.set(name, { code: 'certificate-unusable', message });
    } else {
      const warning = `${text}; what was good before is served on`;
      shown.set(name, { certificates, ...(faults.length > 0 && { warning }) });
    }
  }
  return { refused, shown };
}

function servedOf(
  { certificates }: NodeTls,
  standing: ReadonlyMap<string, StandingCertificate>,
): ServedCertificate[] {
  return certificates.flatMap((certificate) => {
    const good = standing.get(sourceKey(certificate))?.good;
    return good ? [{ name: certificate.name, ...good.served }] : [];
  });
}

function faultsOf({ certificates }: NodeTls, standing: ReadonlyMap<string, StandingCertificate>): string[] {
  return certificates.flatMap((certificate, at) => {
    const fault = standing.get(sourceKey(certificate))?.fault;
    return fault === undefined ? [] : [`tls.certificates[${at}] (${certificate.name}): ${fault}`];
  });
}

function faultsText(faults: readonly string[]): string {
  const first = faults.slice(0, SHOWN_FAULTS).join('; ');
  return faults.length > SHOWN_FAULTS ? `${first}; and ${faults.length - SHOWN_FAULTS} more` : first;
}
