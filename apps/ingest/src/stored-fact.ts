import { type Bus, readRecord } from '@signalbox/bus';
import { decodeFactRecord, type Fact, factsStream } from '@signalbox/contracts';
import { readUpTo } from '@signalbox/store';

/**
 * The fact that stands at a sequence of a group's stream, undefined when it is not there any more or cannot be read.
 * Throws when NATS does not hand it over within `waitMs`.
 */
export async function storedFact(
  bus: Bus,
  group: string,
  seq: number,
  waitMs: number,
): Promise<Fact | undefined> {
  let found: Fact | undefined;
  await readUpTo(
    bus,
    { stream: factsStream(group), fromSeq: seq, toSeq: seq },
    ([message]) => {
      found = message && readRecord(bus.log, message, decodeFactRecord)?.fact;
      return Promise.resolve();
    },
    AbortSignal.timeout(waitMs),
  );
  return found;
}
