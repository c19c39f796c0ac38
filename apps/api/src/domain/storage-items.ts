import {
  isNumberBound,
  type ServiceName,
  STORED,
  type Stored,
  storedThing,
  type StoredKind,
  type StoredUnit,
  STREAMS,
  type UsageAnswer,
  type WhenFull,
} from '@signalbox/contracts';

/** How full a thing is, and how full it may be. */
export interface StorageItem {
  readonly kind: StoredKind;
  readonly name: string;
  /** The service that keeps it, `operator` for what no service knows. */
  readonly owner: string;
  /** Of `used` and `bound`. */
  readonly unit: StoredUnit;
  /** Absent while it cannot be measured: who could say is away. */
  readonly used?: number;
  /** Absent where no number bounds it: then `rule` says why it does not grow without end. */
  readonly bound?: number;
  readonly rule?: string;
  readonly whenFull?: WhenFull;
  /** Variables of the environment and fields of resources that say the bound. */
  readonly setting?: string;
  /** Messages of a stream or rows of a table, about. */
  readonly count?: number;
  /** Of a stream, or of a table with its indexes. */
  readonly bytes?: number;
}

/** What was measured. Undefined: whoever knows does not answer. */
export interface Measured {
  /** `maxBytes`: -1 without a bound. */
  readonly streams:
    | readonly {
        readonly name: string;
        readonly messages: number;
        readonly bytes: number;
        readonly maxBytes: number;
      }[]
    | undefined;
  readonly tables:
    readonly { readonly name: string; readonly rows: number; readonly bytes: number }[] | undefined;
  readonly usage: ReadonlyMap<ServiceName, UsageAnswer | undefined>;
  /** Bytes of the file system of the state directory. */
  readonly disk: { readonly used: number; readonly size: number } | undefined;
}

/** Bounds that are no number of the list: how a site is configured, and its groups. Undefined: no bound. */
export interface SiteBounds {
  /** Of all groups together. */
  readonly facts: number | undefined;
  readonly activityBytes: number | undefined;
  readonly journalBytes: number | undefined;
}

/** Everything that has a use, in the order of the list; names within a kind that stand for several are sorted. */
export function storageItems(measured: Measured, bounds: SiteBounds): StorageItem[] {
  const { streams, tables, usage, disk } = measured;
  return [
    ...(streams ? sorted(streams).map((one) => streamItem(one, bounds)) : listed('stream').map(itemOf)),
    ...(tables ? sorted(tables).map((one) => tableItem(one, bounds)) : listed('table').map(itemOf)),
    ...STORED.filter(isMeasured).map((thing) => memoryItem(thing, usage.get(thing.owner as ServiceName))),
    ...listed('disk').map((thing) => ({
      ...itemOf(thing),
      ...(disk && { used: disk.used, bound: disk.size, whenFull: 'refuses' as const }),
    })),
  ];
}

function listed(kind: StoredKind): readonly Stored[] {
  return STORED.filter((thing) => thing.kind === kind);
}

/** Caches and queues that a service measures. */
function isMeasured({ kind, isMeasured: isTold = true }: Stored): boolean {
  return (kind === 'cache' || kind === 'queue') && isTold;
}

function sorted<T extends { readonly name: string }>(things: readonly T[]): readonly T[] {
  return [...things].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What the list says of a thing. */
function itemOf({ kind, name, owner, bound }: Stored): StorageItem {
  const isCounted = kind === 'cache' || kind === 'queue';
  const setting = bound.setting !== undefined && { setting: bound.setting };
  if (!isNumberBound(bound))
    return { kind, name, owner, unit: isCounted ? 'entries' : 'bytes', rule: bound.rule, ...setting };
  const { most, unit, whenFull } = bound;
  return { kind, name, owner, unit, bound: most, whenFull, ...setting };
}

function known(kind: StoredKind, name: string): StorageItem {
  const thing = storedThing(kind, name);
  if (thing) return { ...itemOf(thing), name };
  return { kind, name, owner: 'operator', unit: 'bytes', rule: 'not of this site' };
}

function streamItem(
  { name, messages, bytes, maxBytes }: NonNullable<Measured['streams']>[number],
  { activityBytes, journalBytes }: SiteBounds,
): StorageItem {
  const own = maxBytes >= 0 ? maxBytes : undefined;
  const warned =
    name === STREAMS.activity ? activityBytes : name === STREAMS.journal ? journalBytes : undefined;
  const bound = least(own, warned);
  return { ...withBound(known('stream', name), bound), used: bytes, count: messages, bytes };
}

function tableItem(
  { name, rows, bytes }: NonNullable<Measured['tables']>[number],
  { facts }: SiteBounds,
): StorageItem {
  const item = known('table', name);
  const bounded = item.unit === 'rows' ? withBound(item, facts) : item;
  return { ...bounded, used: item.unit === 'rows' ? rows : bytes, count: rows, bytes };
}

function memoryItem(thing: Stored, answer: UsageAnswer | undefined): StorageItem {
  const used = answer?.used[thing.name];
  return { ...itemOf(thing), ...(used !== undefined && { used }) };
}

function withBound(item: StorageItem, bound: number | undefined): StorageItem {
  const { bound: _listed, ...rest } = item;
  return bound === undefined ? rest : { ...rest, bound };
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** Facts that a site keeps: those of all its groups. Undefined when one of them has no bound. */
export function mostFacts(perGroup: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const most of perGroup) {
    if (most === undefined) return undefined;
    sum += most;
  }
  return sum;
}
