import { dirname } from 'node:path';
import { canonicalJson, type NodeCertificate, sha256Hex } from '@signalbox/contracts';
import { DirectoryWatch } from './directory-watch.js';
import { judgeCertificate, type Verdict } from './judge-certificate.js';
import { readPem } from './read-pem.js';

/** A certificate in use, and what was found when its files were last looked at. */
interface Known {
  readonly certificate: NodeCertificate;
  verdict: Verdict;
}

/**
 * What the files of certificates hold. They are read when a certificate is first asked for, and by {@link lookAgain}; what
 * changes in between is told by `changed`, as a hint to look.
 */
export class CertificateJudge {
  private readonly known = new Map<string, Known>();
  private readonly watch: DirectoryWatch;

  constructor(
    changed: () => void,
    private readonly now: () => number,
  ) {
    this.watch = new DirectoryWatch(changed);
  }

  /** The verdict on each of these, by {@link sourceKey}; all others are forgotten. */
  async take(certificates: readonly NodeCertificate[]): Promise<ReadonlyMap<string, Verdict>> {
    const wanted = new Map(certificates.map((certificate) => [sourceKey(certificate), certificate]));
    for (const key of this.known.keys()) if (!wanted.has(key)) this.known.delete(key);
    this.watch.watch(new Set([...wanted.values()].flatMap(directoriesOf)));
    for (const [key, certificate] of wanted) {
      if (!this.known.has(key)) this.known.set(key, { certificate, verdict: await this.judge(certificate) });
    }
    return new Map([...this.known].map(([key, { verdict }]) => [key, verdict]));
  }

  /** Reads all files anew; says whether that changes a verdict. */
  async lookAgain(): Promise<boolean> {
    let hasChanged = false;
    for (const one of this.known.values()) {
      const verdict = await this.judge(one.certificate);
      hasChanged ||= outline(verdict) !== outline(one.verdict);
      one.verdict = verdict;
    }
    return hasChanged;
  }

  close(): void {
    this.watch.close();
  }

  private async judge(certificate: NodeCertificate): Promise<Verdict> {
    const { file, keyFile } = certificate;
    const chain = await readPem(file);
    if ('fault' in chain) return chain;
    const key = keyFile === undefined ? chain : await readPem(keyFile);
    if ('fault' in key) return key;
    return judgeCertificate(certificate, { chain: chain.text, key: key.text }, this.now());
  }
}

/** What tells certificates from each other: one that lies elsewhere is another. */
export function sourceKey({ name, file, keyFile }: NodeCertificate): string {
  return canonicalJson([name, file, keyFile ?? null]);
}

function directoriesOf({ file, keyFile = file }: NodeCertificate): string[] {
  return [dirname(file), dirname(keyFile)];
}

function outline(verdict: Verdict): string {
  return 'fault' in verdict ? verdict.fault : sha256Hex(verdict.good.pem);
}
