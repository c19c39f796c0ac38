import { CACHES } from './caches.js';
import { DISKS, FILES } from './files.js';
import { QUEUES } from './queues.js';
import type { Stored, StoredKind } from './stored-thing.js';
import { STORED_STREAMS } from './streams.js';
import { TABLES } from './tables.js';
import { UNMEASURED } from './unmeasured.js';

/** Every stream, table, cache, queue and file of a site, with its bound. */
export const STORED: readonly Stored[] = [
  ...STORED_STREAMS,
  ...TABLES,
  ...CACHES,
  ...QUEUES,
  ...UNMEASURED,
  ...FILES,
  ...DISKS,
];

/** Name of a cache or queue that its service measures. */
export type MeasuredName = ((typeof CACHES)[number] | (typeof QUEUES)[number])['name'];

/** The thing of the list that a name of this kind means: `FACTS_default` is `FACTS_<group>`. Undefined when there is none. */
export function storedThing(kind: StoredKind, name: string): Stored | undefined {
  return STORED.find((thing) => thing.kind === kind && patternOf(thing.name).test(name));
}

function patternOf(name: string): RegExp {
  const parts = name.split(/<[^>]*>|\*/).map((text) => text.replace(/[.\\+?^$()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
