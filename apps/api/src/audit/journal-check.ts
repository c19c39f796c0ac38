import type { StreamMessage } from '@signalbox/bus';
import type { AuditFinding, AuditHead, AuditSeal } from '@signalbox/contracts';
import { type AuditKey, digestOf, isGenuine, NO_SEAL, type SealEnd } from './seal-chain.js';

/** Findings that are told; all are counted. */
export const FINDINGS_TOLD = 100;

/** What a check found. */
export interface JournalReport {
  readonly isWhole: boolean;
  readonly seals: number;
  /** Records that are as they were sealed. */
  readonly records: number;
  /** Sequence up to which the journal is sealed. */
  readonly sealedTo: number;
  readonly findings: readonly AuditFinding[];
  readonly findingsInAll: number;
}

/** Compares JOURNAL with its seals, given in the order of AUDIT, and then with a head that was kept elsewhere. */
export class JournalCheck {
  private readonly found: AuditFinding[] = [];
  private foundInAll = 0;
  private seals = 0;
  private records = 0;
  /** The last seal that holds. */
  private last: SealEnd = NO_SEAL;
  /** The last one that does not, which may be an edited seal or a forged one. */
  private doubtful: SealEnd | undefined;
  private readonly unknownKeys = new Set<string>();
  private headSeen: string | undefined;
  /** Sequences that are not there, to be told as one. */
  private gap: { from: number; to: number } | undefined;

  constructor(
    private readonly keys: readonly AuditKey[],
    private readonly head?: Pick<AuditHead, 'number' | 'to' | 'head'>,
  ) {}

  /** A message of AUDIT that is no seal. */
  unreadable(seq: number): void {
    this.find({
      kind: 'seal-broken',
      message: `message ${seq} of AUDIT is no seal: somebody changed or added it`,
    });
  }

  /** The next seal. False: it does not hold, so its records say nothing. */
  seal(seal: AuditSeal): boolean {
    this.seals += 1;
    const key = this.keys.find(({ id }) => id === seal.key);
    if (!key) this.unknownKey(seal);
    else if (!isGenuine(seal, key)) {
      this.doubtful = seal;
      this.find({
        kind: 'seal-broken',
        seal: seal.number,
        from: seal.from,
        to: seal.to,
        message: `seal ${seal.number} of the records ${seal.from} to ${seal.to} was not made with the key of this site, or was changed`,
      });
      return false;
    }
    this.link(seal);
    if (seal.number === this.head?.number) this.headSeen = seal.head;
    this.last = seal;
    this.doubtful = undefined;
    return true;
  }

  /** What stands at the sequences of a seal that holds. */
  compare({ records, from }: AuditSeal, messages: readonly (StreamMessage | undefined)[]): void {
    let expected = from;
    for (const [at, { seq, digest }] of records.entries()) {
      if (seq > expected)
        this.find({
          kind: 'missing-when-sealed',
          from: expected,
          to: seq - 1,
          message: `${named(expected, seq - 1)} of JOURNAL had gone before the seal was made`,
        });
      expected = seq + 1;
      const message = messages[at];
      if (!message) {
        this.missing(seq);
        continue;
      }
      this.endGap();
      if (digestOf(message) === digest) this.records += 1;
      else
        this.find({
          kind: 'edited',
          from: seq,
          to: seq,
          subject: message.subject,
          message: `record ${seq} on ${message.subject} is not the one that was sealed`,
        });
    }
  }

  /** `journalEnd`: the last sequence that JOURNAL has. */
  end(journalEnd: number): JournalReport {
    if (this.gap && this.gap.from > journalEnd) {
      const { from, to } = this.gap;
      this.gap = undefined;
      this.find({
        kind: 'cut',
        from,
        to,
        message: `JOURNAL ends at ${journalEnd}: ${named(from, to)} of its end ${from === to ? 'is' : 'are'} cut off`,
      });
    }
    this.endGap();
    this.compareHead();
    const { found: findings, foundInAll, seals, records } = this;
    return {
      isWhole: foundInAll === 0,
      seals,
      records,
      sealedTo: this.last.to,
      findings,
      findingsInAll: foundInAll,
    };
  }

  private link({ number, previous, from }: AuditSeal): void {
    const { last, doubtful } = this;
    const follows = (before: SealEnd): boolean =>
      before.number === number - 1 && before.head === previous && before.to === from - 1;
    if (follows(last) || (doubtful && follows(doubtful))) return;
    const gone = number - last.number - 1;
    if (gone > 0)
      this.find({
        kind: 'seal-missing',
        seal: last.number + 1,
        from: last.to + 1,
        to: from - 1,
        message: `seal ${last.number + 1}${gone > 1 ? ` to ${number - 1}` : ''} is missing: nobody can say whether ${named(last.to + 1, from - 1)} of JOURNAL are as they were`,
      });
    else
      this.find({
        kind: 'seal-broken',
        seal: number,
        message: `seal ${number} does not follow from the one before it: seal ${last.number}`,
      });
  }

  private unknownKey({ number, key, from }: AuditSeal): void {
    if (this.unknownKeys.has(key)) return;
    this.unknownKeys.add(key);
    this.find({
      kind: 'unknown-key',
      seal: number,
      from,
      message: `seal ${number} and later ones were made with the key ${key}, which is not in audit.key: put it back as a further line`,
    });
  }

  private compareHead(): void {
    const { head, last, headSeen } = this;
    if (!head || headSeen === head.head) return;
    if (headSeen !== undefined || last.number >= head.number)
      this.find({
        kind: 'other-history',
        seal: head.number,
        message: `seal ${head.number} is not the one whose head was kept: everything behind it may be other than it was`,
      });
    else
      this.find({
        kind: 'cut',
        seal: last.number + 1,
        ...(head.to > last.to && { from: last.to + 1, to: head.to }),
        message: `the head that was kept is of seal ${head.number}, up to record ${head.to}; here the seals end with ${last.number}, up to record ${last.to}: the end is cut off`,
      });
  }

  private missing(seq: number): void {
    if (this.gap?.to === seq - 1) this.gap.to = seq;
    else {
      this.endGap();
      this.gap = { from: seq, to: seq };
    }
  }

  private endGap(): void {
    if (!this.gap) return;
    const { from, to } = this.gap;
    this.gap = undefined;
    this.find({
      kind: 'missing',
      from,
      to,
      message: `${named(from, to)} of JOURNAL ${from === to ? 'is' : 'are'} missing`,
    });
  }

  private find(finding: AuditFinding): void {
    this.foundInAll += 1;
    if (this.found.length < FINDINGS_TOLD) this.found.push(finding);
  }
}

function named(from: number, to: number): string {
  return from === to ? `record ${from}` : `records ${from} to ${to}`;
}
