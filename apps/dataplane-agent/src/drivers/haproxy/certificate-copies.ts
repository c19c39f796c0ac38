import { type NodeCertificate, sha256Hex } from '@signalbox/contracts';
import { type GoodCertificate, judgeCertificate, type Verdict } from '../certificates/judge-certificate.js';
import { copyName } from './certificate-files.js';
import type { Expiry } from './expiry.js';
import type { PrivateDirectory } from './private-directory.js';

/** Why HAProxy would not load one of these; undefined: it would load all. `paths`: of files with all of a certificate each. */
export type CertificateTrial = (paths: readonly string[], expiry: Expiry) => Promise<string | undefined>;

/** One certificate: what is served of it, if anything, and what is wrong with its files, if anything. */
export interface StandingCertificate {
  readonly good?: GoodCertificate;
  readonly fault?: string;
}

/** A certificate as its files were found. */
export interface JudgedCertificate {
  readonly certificate: NodeCertificate;
  readonly verdict: Verdict;
}

/**
 * Copies of certificates that were good when they were copied: HAProxy reads these and never the files themselves, which others
 * write when they like.
 */
export class CertificateCopies {
  /** Names of copies that are others than HAProxy was last seen to have. */
  readonly fresh = new Set<string>();
  /** What HAProxy did not take, by name of the copy. */
  private readonly untaken = new Map<string, { readonly sha256: string; readonly fault: string }>();

  constructor(
    private readonly directory: PrivateDirectory,
    private readonly trial: CertificateTrial,
  ) {}

  /** Brings the copies up to what was found in the files; in the place of what is bad stays the copy before. In the same order. */
  async bring(judged: readonly JudgedCertificate[], expiry: Expiry): Promise<readonly StandingCertificate[]> {
    const copies = new Map<string, string | undefined>();
    const due = new Map<string, string>();
    for (const { certificate, verdict } of judged) {
      const name = copyName(certificate);
      const copy = await this.directory.read(name);
      copies.set(name, copy);
      if ('good' in verdict && verdict.good.pem !== copy) due.set(name, verdict.good.pem);
    }
    const faults = due.size === 0 ? undefined : await this.replace(due, expiry);
    return judged.map(({ certificate, verdict }) => {
      const name = copyName(certificate);
      if ('fault' in verdict) return { ...goodCopy(certificate, copies.get(name)), fault: verdict.fault };
      const fault = faults?.get(name);
      if (fault === undefined) return { good: verdict.good };
      return { ...goodCopy(certificate, copies.get(name)), fault: `${certificate.file}: ${fault}` };
    });
  }

  /** Puts copies in the place of those before them; says which HAProxy would not load, and why: these are not. */
  private async replace(
    pems: ReadonlyMap<string, string>,
    expiry: Expiry,
  ): Promise<ReadonlyMap<string, string>> {
    const faults = new Map<string, string>();
    const due: string[] = [];
    for (const [name, pem] of pems) {
      const before = this.untaken.get(name);
      if (before?.sha256 === sha256Hex(pem)) faults.set(name, before.fault);
      else {
        await this.directory.write(triedName(name), pem);
        due.push(name);
      }
    }
    const areSound = due.length === 0 || (await this.tried(due, expiry)) === undefined;
    for (const name of due) {
      const fault = areSound ? undefined : await this.tried([name], expiry);
      if (fault === undefined) {
        this.untaken.delete(name);
        this.fresh.add(name);
        await this.directory.move(triedName(name), name);
      } else {
        await this.directory.remove(triedName(name));
        this.untaken.set(name, { sha256: sha256Hex(pems.get(name) ?? ''), fault });
        faults.set(name, fault);
      }
    }
    return faults;
  }

  private tried(names: readonly string[], expiry: Expiry): Promise<string | undefined> {
    return this.trial(
      names.map((name) => this.directory.pathOf(triedName(name))),
      expiry,
    );
  }
}

function triedName(name: string): string {
  return `${name}.tried`;
}

/** What a copy holds, whether it is valid by now or not; nothing when there is none that can be read. */
function goodCopy(certificate: NodeCertificate, copy: string | undefined): Pick<StandingCertificate, 'good'> {
  if (copy === undefined) return {};
  const { name, file } = certificate;
  const verdict = judgeCertificate({ name, file }, { chain: copy, key: copy }, undefined);
  return 'good' in verdict ? verdict : {};
}
