import type { NodeListener } from '@signalbox/contracts';
import { type CertificateJudge, sourceKey } from '../certificates/certificate-judge.js';
import type { CertificateCopies, StandingCertificate } from './certificate-copies.js';
import { copyName, listName, listText } from './certificate-files.js';
import type { Expiry } from './expiry.js';
import type { PlacedListener } from './placed-listener.js';
import type { PrivateDirectory } from './private-directory.js';
import { type ShownByListener, shownCertificates } from './shown-certificates.js';

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
export interface ShelfState extends ShownByListener {
  readonly shelved: readonly ShelvedCertificate[];
}

/** The certificates of listeners, from their files to what HAProxy reads. One that went bad is served on as it was copied last. */
export class CertificateShelf {
  /** Whether the directory may have something in it. */
  private isInUse = true;

  constructor(
    private readonly directory: PrivateDirectory,
    private readonly judge: CertificateJudge,
    private readonly copies: CertificateCopies,
  ) {}

  /** Brings the copies up to what was last found in the files, and says what each listener can show. */
  async take(listeners: readonly NodeListener[], expiry: Expiry): Promise<ShelfState> {
    const named = listeners.flatMap(({ tls }) => tls?.certificates ?? []);
    const certificates = new Map(named.map((certificate) => [sourceKey(certificate), certificate]));
    const verdicts = await this.judge.take(named);
    const judged = [...verdicts].flatMap(([key, verdict]) => {
      const certificate = certificates.get(key);
      return certificate ? [{ key, certificate, verdict }] : [];
    });
    const found = await this.copies.bring(judged, expiry);
    const standing = new Map<string, StandingCertificate>();
    const shelved: ShelvedCertificate[] = [];
    for (const [at, { key, certificate }] of judged.entries()) {
      const one = found[at] ?? {};
      standing.set(key, one);
      if (!one.good) continue;
      const name = copyName(certificate);
      const path = this.directory.pathOf(name);
      shelved.push({ path, sha1: one.good.sha1, isFresh: this.copies.fresh.has(name) });
    }
    return { ...shownCertificates(listeners, standing), shelved };
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
    this.copies.fresh.clear();
    const names = new Set(
      listeners.flatMap(({ tls }) =>
        tls ? [listName(tls.certificates), ...tls.certificates.map(copyName)] : [],
      ),
    );
    if (this.isInUse || names.size > 0) await this.directory.keepOnly(names);
    this.isInUse = names.size > 0;
  }
}
