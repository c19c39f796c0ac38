import { type Bus, getBySeq, streamInfo } from '@signalbox/bus';
import { type AuditHead, STREAMS } from '@signalbox/contracts';
import { readUpTo } from '@signalbox/store';
import { readSeal } from './audit-log.js';
import { JournalCheck, type JournalReport } from './journal-check.js';
import type { AuditKey } from './seal-chain.js';

/**
 * Reads the seals once, and with each the records that it is about: what it holds at a time is one seal. Throws `nats-unavailable`, and the
 * reason of an aborted signal.
 */
export async function verifyJournal(
  bus: Bus,
  keys: readonly AuditKey[],
  head: Pick<AuditHead, 'number' | 'to' | 'head'> | undefined,
  signal: AbortSignal,
): Promise<JournalReport> {
  const check = new JournalCheck(keys, head);
  const toSeq = await lastSeqOf(bus, STREAMS.audit);
  await readUpTo(
    bus,
    { stream: STREAMS.audit, fromSeq: 1, toSeq },
    async (batch) => {
      for (const message of batch) {
        signal.throwIfAborted();
        const seal = readSeal(bus, message);
        if (!seal) check.unreadable(message.seq);
        else if (check.seal(seal))
          check.compare(
            seal,
            await getBySeq(
              bus,
              STREAMS.journal,
              seal.records.map(({ seq }) => seq),
            ),
          );
      }
    },
    signal,
  );
  return check.end(await lastSeqOf(bus, STREAMS.journal));
}

async function lastSeqOf(bus: Bus, stream: string): Promise<number> {
  return (await streamInfo(bus.manager, stream))?.state.last_seq ?? 0;
}
