import { decodeRetentionRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import type { Bus } from './bus.js';
import { getLast } from './direct-get.js';
import { readRecord } from './read-record.js';

/**
 * What to tell somebody who asks for a fact that is not there: which facts of the group are no longer kept, and since when.
 * Undefined when none was ever pruned, or so long ago that the record of it is gone.
 */
export async function whatIsKept(bus: Bus, group: string): Promise<string | undefined> {
  const last = await getLast(bus, STREAMS.activity, SUBJECTS.retention(group));
  const record = last && readRecord(bus.log, last, decodeRetentionRecord);
  return (
    record &&
    `facts of group ${group} up to sequence ${record.upTo} are no longer kept, pruned at ${record.at} by ${record.bound}`
  );
}
