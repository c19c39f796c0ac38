import {
  type ErrorBody,
  type NodeCertificate,
  type NodeListener,
  type ServedCertificate,
  sha256Hex,
} from '@signalbox/contracts';
import { type CertificateJudge, sourceKey } from '../certificates/certificate-judge.js';
import { judgeCertificate, type GoodCertificate, type Verdict } from '../certificates/judge-certificate.js';
import { copyName, listName, listText } from './certificate-files.js';
import type { Expiry } from './expiry.js';
import type { PlacedListener } from './placed-listener.js';
import type { PrivateDirectory } from './private-directory.js';

/** Why HAProxy would not load a certificate; undefined: it would. `path`: of a file with all of it. */
export type CertificateTrial = (path: string, expiry: Expiry) => Promise<string | undefined>;

/** A certificate that HAProxy shall have. */
export interface ShelvedCertificate {
  /** Of the copy. */
  readonly path: string;
  /** Of the copy: how HAProxy names what it serves. */
  readonly sha1: string;
  /** The copy is another than the one that HAProxy was last seen to have. */
  readonly isFresh: boolean;
}

/** What is known of the certificates of a desired state. */
export interface ShelfState {
  /** Listeners without a certificate that can be served. */
  readonly refused: ReadonlyMap<string, ErrorBody>;
  /** What each other listener shows to clients, and what is wrong with the files of that. */
  readonly shown: ReadonlyMap<string, ShownCertificates>;
  readonly shelved: readonly ShelvedCertificate[];
}

/** Of one listener. */
export interface ShownCertificates {
  readonly certificates: readonly ServedCertificate[];
  readonly warning?: string;
}

/** One certificate: what is served of it, if anything, and what is wrong with its files, if anything. */
interface Standing {
  readonly good?: GoodCertificate;
  readonly fault?: string;
}

/**
 * Copies of certificates that were good when they were copied: HAProxy reads these and never the files themselves, which others
 * write when they like. A certificate that went bad is served on as it was copied last.
 */
export class CertificateShelf {
  private readonly fresh = new Set<string>();
  /** Copies that HAProxy did not take, by name, with the reason. */
  private readonly untaken = new Map<string, { readonly sha256: string; readonly fault: string }>();
  /** Whether the directory may have something in it. */
  private isInUse = true;

  constructor(
    private readonly directory: PrivateDirectory,
    private readonly judge: CertificateJudge,
    private readonly trial: CertificateTrial,
  ) {}

  /** Brings the copies up to what was last found in the files, and says what each listener can show. */
  async take(listeners: readonly NodeListener[], expiry: Expiry): Promise<ShelfState> {
    const certificates = listeners.flatMap(({ tls }) => tls?.certificates ?? []);
    const verdicts = await this.judge.take(certificates);
    const standing = new Map<string, Standing>();
    for (const certificate of certificates) {
      const key = sourceKey(certificate);
      const verdict = verdicts.get(key);
      if (verdict && !standing.has(key)) standing.set(key, await this.shelve(certificate, verdict, expiry));
    }
    return this.stateOf(listeners, certificates, standing);
  }

  /** Writes the lists that these listeners name. */
  async writeLists(listeners: readonly PlacedListener[]): Promise<void> {
    for (const { tls } of listeners) {
      if (!tls) continue;
      const [name, text] = [listName(tls.certificates), listText(tls.certificates)];
      if ((await this.directory.read(name)) !== text) await this.directory.write(name, text);
    }
  }

  /** HAProxy serves these listeners, with the copies as they are: no other copy is needed any more. */
  async settle(listeners: readonly PlacedListener[]): Promise<void> {
    this.fresh.clear();
    const named = listeners.flatMap(({ tls }) =>
      tls ? [listName(tls.certificates), ...tls.certificates.map(copyName)] : [],
    );
    const names = new Set(named);
    if (this.isInUse || names.size > 0) await this.directory.keepOnly(names);
    this.isInUse = names.size > 0;
  }

  private async shelve(certificate: NodeCertificate, verdict: Verdict, expiry: Expiry): Promise<Standing> {
    const name = copyName(certificate);
    const copy = await this.directory.read(name);
    if ('good' in verdict) {
      const { good } = verdict;
      if (copy === good.pem) return { good };
      const fault = await this.replace(name, good.pem, expiry);
      if (fault === undefined) return { good };
      return { ...goodCopy(certificate, copy), fault: `${certificate.file}: ${fault}` };
    }
    return { ...goodCopy(certificate, copy), fault: verdict.fault };
  }

  /** Puts a copy in the place of the one before it, unless HAProxy would not load it: then says why. */
  private async replace(name: string, pem: string, expiry: Expiry): Promise<string | undefined> {
    const before = this.untaken.get(name);
    const sha256 = sha256Hex(pem);
    if (before?.sha256 === sha256) return before.fault;
    const tried = `${name}.tried`;
    await this.directory.write(tried, pem);
    const fault = await this.trial(this.directory.pathOf(tried), expiry);
    if (fault !== undefined) {
      await this.directory.remove(tried);
      this.untaken.set(name, { sha256, fault });
      return fault;
    }
    this.untaken.delete(name);
    this.fresh.add(name);
    await this.directory.move(tried, name);
    return undefined;
  }

  private stateOf(
    listeners: readonly NodeListener[],
    certificates: readonly NodeCertificate[],
    standing: ReadonlyMap<string, Standing>,
  ): ShelfState {
    const refused = new Map<string, ErrorBody>();
    const shown = new Map<string, ShownCertificates>();
    for (const { name, tls } of listeners) {
      if (!tls) continue;
      const faults: string[] = [];
      const served: ServedCertificate[] = [];
      for (const [at, certificate] of tls.certificates.entries()) {
        const { good, fault } = standing.get(sourceKey(certificate)) ?? {};
        if (fault !== undefined) faults.push(`tls.certificates[${at}] (${certificate.name}): ${fault}`);
        if (good) served.push({ name: certificate.name, ...good.served });
      }
      const told = faults.join('; ');
      if (served.length < tls.certificates.length) refused.set(name, unusable(name, told));
      else {
        const warning = `${told}; what was good before is served on`;
        shown.set(name, { certificates: served, ...(faults.length > 0 && { warning }) });
      }
    }
    const shelved = new Map<string, ShelvedCertificate>();
    for (const certificate of certificates) {
      const { good } = standing.get(sourceKey(certificate)) ?? {};
      const name = copyName(certificate);
      if (good)
        shelved.set(name, {
          path: this.directory.pathOf(name),
          sha1: good.sha1,
          isFresh: this.fresh.has(name),
        });
    }
    return { refused, shown, shelved: [...shelved.values()] };
  }
}

/** What a copy holds, whether it is valid by now or not; nothing when there is none that can be read. */
function goodCopy(certificate: NodeCertificate, copy: string | undefined): Pick<Standing, 'good'> {
  if (copy === undefined) return {};
  const own = { name: certificate.name, file: certificate.file };
  const texts = { chain: copy, key: copy };
  const first = judgeCertificate(own, texts, undefined);
  return 'good' in first ? first : {};
}

function unusable(listener: string, faults: string): ErrorBody {
  return { code: 'certificate-unusable', message: `listener ${listener} cannot be served: ${faults}` };
}
