import { dirname } from 'node:path';
import { canonicalJson, type NodeCertificate, sha256Hex } from '@signalbox/contracts';
import { DirectoryWatch, Serial } from '@signalbox/runtime';
import { judgeCertificate, type Verdict } from './judge-certificate.js';
import { readPem } from './read-pem.js';

/** A certificate in use, and what was found when its files were last looked at. */
interface Known {
  readonly certificate: NodeCertificate;
  verdict: Verdict;
}

/**
 * What the files of certificates hold. They are read when a certificate is first asked for, by {@link lookAgain}, and when something
 * stirs in their directories: `changed` is called when that changes a verdict.
 */
export class CertificateJudge {
  private readonly known = new Map<string, Known>();
  private readonly watch: DirectoryWatch;
  private readonly looks = new Serial();
  /** A verdict changed since they were taken. */
  private hasNews = false;

  constructor(
    changed: () => void,
    private readonly now: () => number,
  ) {
    this.watch = new DirectoryWatch(() => {
      void this.lookAgain().then((hasNews) => {
        if (hasNews) changed();
      });
    });
  }

  /** The verdict on each of these, by {@link sourceKey}; all others are forgotten. */
  take(certificates: readonly NodeCertificate[]): Promise<ReadonlyMap<string, Verdict>> {
    return this.looks.run(() => this.taken(certificates));
  }

  /** Reads all files anew; says whether a verdict is another than the one that was taken. Rejects never. */
  lookAgain(): Promise<boolean> {
    return this.looks.run(() => this.looked());
  }

  close(): void {
    this.watch.close();
  }

  private async taken(certificates: readonly NodeCertificate[]): Promise<ReadonlyMap<string, Verdict>> {
    const wanted = new Map(certificates.map((certificate) => [sourceKey(certificate), certificate]));
    for (const key of this.known.keys()) if (!wanted.has(key)) this.known.delete(key);
    this.watch.watch(new Set([...wanted.values()].flatMap(directoriesOf)));
    for (const [key, certificate] of wanted) {
      if (!this.known.has(key)) this.known.set(key, { certificate, verdict: await this.judge(certificate) });
    }
    this.hasNews = false;
    return new Map([...this.known].map(([key, { verdict }]) => [key, verdict]));
  }

  private async looked(): Promise<boolean> {
    for (const one of this.known.values()) {
      const verdict = await this.judge(one.certificate);
      this.hasNews ||= outline(verdict) !== outline(one.verdict);
      one.verdict = verdict;
    }
    return this.hasNews;
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
