import { type Alarm, FEDERATION_API, formatTime, groupOfStream } from '@signalbox/contracts';
import type { StorageItem } from './storage-items.js';

/** From this share of its bound on a stream is told to be nearly full. */
const NEARLY_FULL = 0.8;

/** What happens when a stream is full that is not as it shall be. Only of streams: what waits in memory comes and goes. */
const MEANINGS: Readonly<Partial<Record<NonNullable<StorageItem['whenFull']>, string>>> = {
  refuses: 'when it is full new messages are refused, and nothing old is lost',
  loses: 'when it is full its oldest messages go',
  warns: 'nothing is refused, but it grows beyond what was planned for it',
};

/** Streams that are nearly full, since when they are seen so. */
export class StorageAlarms {
  private readonly since = new Map<string, number>();
  private full: readonly StorageItem[] = [];

  /** Takes how full everything is. */
  take(items: readonly StorageItem[], nowMs: number): void {
    this.full = items.filter(isNearlyFull);
    const names = new Set(this.full.map(({ name }) => name));
    for (const name of this.since.keys()) if (!names.has(name)) this.since.delete(name);
    for (const name of names) if (!this.since.has(name)) this.since.set(name, nowMs);
  }

  /** By name of the stream. */
  alarms(): Alarm[] {
    return this.full.map((item) => alarmOf(item, this.since.get(item.name)!));
  }
}

function isNearlyFull({ kind, used, bound, whenFull }: StorageItem): boolean {
  if (kind !== 'stream' || used === undefined || bound === undefined) return false;
  return whenFull !== undefined && whenFull in MEANINGS && used > NEARLY_FULL * bound;
}

function alarmOf({ name, used = 0, bound = 0, whenFull, setting }: StorageItem, sinceMs: number): Alarm {
  const group = groupOfStream(name);
  const percent = Math.floor((100 * used) / bound);
  const meaning = whenFull && MEANINGS[whenFull];
  const remedy = setting === undefined ? '' : ` (${setting})`;
  return {
    kind: 'storage-nearly-full',
    name,
    reason: 'storage-full',
    ...(group !== undefined && {
      resources: [{ apiVersion: FEDERATION_API, kind: 'EventGroup', name: group }],
    }),
    since: formatTime(sinceMs),
    text: `the stream ${name} holds ${percent} % of its ${bound} bytes: ${meaning}. Raise its bound if the disk has room, or keep less${remedy}`,
  };
}
