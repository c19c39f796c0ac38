import { type Bus, getBySeq, getLast, readRecord, type StreamMessage } from '@signalbox/bus';
import { type AuditSeal, decodeAuditSeal, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { type AuditKey, isGenuine, NO_SEAL, type SealEnd } from './seal-chain.js';

/** Seals that are looked at together while the last genuine one is searched. */
const LOOK = 64;

/** Where the seals end. */
export interface SealsEnd {
  /** The newest seal that was not forged; of a key that is not known this cannot be told, so it counts. */
  readonly end: SealEnd & { readonly at?: string; readonly key?: string };
  /** Sequence of the last message in AUDIT, 0 when there is none. */
  readonly lastSeq: number;
}

/** Finds the newest seal that the next one is chained to: what somebody else appended is passed over. */
export async function sealsEnd(bus: Bus, keys: readonly AuditKey[]): Promise<SealsEnd> {
  const last = await getLast(bus, STREAMS.audit, SUBJECTS.seals);
  const lastSeq = last?.seq ?? 0;
  for (let seq = lastSeq; seq > 0; seq -= LOOK) {
    const seqs = Array.from({ length: Math.min(LOOK, seq) }, (_, at) => seq - at);
    for (const message of await getBySeq(bus, STREAMS.audit, seqs)) {
      const seal = message && readSeal(bus, message);
      if (seal && isAccepted(seal, keys)) return { end: seal, lastSeq };
      if (message)
        bus.log.error(
          { seq: message.seq },
          'a seal of the audit is not ours: signalbox audit verify says more',
        );
    }
  }
  return { end: NO_SEAL, lastSeq };
}

/** The seal of a message; undefined when it is none. */
export function readSeal(bus: Bus, message: StreamMessage): AuditSeal | undefined {
  return readRecord(bus.log, message, decodeAuditSeal);
}

function isAccepted(seal: AuditSeal, keys: readonly AuditKey[]): boolean {
  const key = keys.find(({ id }) => id === seal.key);
  return key === undefined || isGenuine(seal, key);
}
