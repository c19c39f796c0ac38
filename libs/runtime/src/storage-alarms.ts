import type { StorageRefusal } from '@signalbox/bus';
import { type Alarm, formatTime } from '@signalbox/contracts';

/** What to do: the same message is sent again and again, so everything goes on by itself then. */
const REMEDY: Readonly<Record<StorageRefusal['code'], string>> = {
  'storage-full': 'what is stored stays, and everything goes on when there is room',
  'nats-unavailable':
    'after a full disk NATS has to be started again: see its log, and the room on its disk; an embedded one is started again by itself',
};

/** What waits is sent again within seconds: a refusal that was not repeated for so long is of the past. Milliseconds. */
const PAST_MS = 60_000;

/** One alarm for each kind of messages that NATS does not store: `facts`, `activity`, `journal`, `dead`. */
export function storageAlarms(refusals: ReadonlyMap<string, StorageRefusal>, nowMs: number): Alarm[] {
  const present = [...refusals].filter(([, { last }]) => nowMs - last < PAST_MS);
  return present.map(([name, { since, code, message }]) => ({
    kind: 'storage-refused',
    name,
    reason: code,
    since: formatTime(since),
    text: `NATS stores no ${name}: ${message}; ${REMEDY[code]}`,
  }));
}
