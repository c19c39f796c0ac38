import { type Bus, existingStream, getLastAlone, type StreamMessage, streamInfo } from '@signalbox/bus';
import {
  BOUNDS,
  bucketFilter,
  bucketStream,
  bucketSubject,
  type KvSinkSpec,
  sha256Hex,
  SINK_KV_HEADER,
  SINK_VALUE_BYTES,
} from '@signalbox/contracts';
import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from 'nats';

/** Keys that are asked for, and messages that wait for their acks, at a time. */
export const IN_FLIGHT = 256;

/** A key as the bucket has it last. */
export interface BucketEntry {
  readonly revision: number;
  /** sha256 hex of the value; absent: the key was deleted. */
  readonly digest?: string;
  readonly bytes: number;
  /** Written by this sink. */
  readonly isOurs: boolean;
}

/** State of the stream of a bucket, by which it is known whether anything was written since. */
interface Seen {
  readonly created: string;
  readonly lastSeq: number;
  readonly messages: number;
  /** Messages may have an age at which the server forgets them: servers from 2.11 on. */
  readonly forgets: boolean;
}

/**
 * What stands below the prefix of a target. Is read again only when something was written into the bucket since, key by key:
 * that needs no consumer, and no right to anything but keys.
 */
export class BucketView {
  /** By key; those that were deleted stay as long as the bucket knows of it. */
  readonly entries = new Map<string, BucketEntry>();
  private seen: Seen | undefined;

  /** `sink`: as the header of its messages has it. */
  constructor(
    private readonly bus: Bus,
    private readonly sink: string,
    private readonly spec: KvSinkSpec,
  ) {}

  /** Makes the bucket when there is none. Throws as NATS does. */
  async make(): Promise<void> {
    await this.bus.whileConnected(existingStream(this.bus.manager, bucketDefinition(this.spec.bucket)));
  }

  /** Reads what the bucket has now; nothing when there is none. Throws as NATS does. */
  async look(): Promise<void> {
    const { bus, entries } = this;
    const stream = bucketStream(this.spec.bucket);
    const now = await this.state();
    if (now && isSame(now, this.seen)) return;
    this.seen = undefined;
    const keys = now ? await this.keys() : [];
    const there = new Set(keys);
    for (const key of entries.keys()) if (!there.has(key)) entries.delete(key);
    await inTurns(keys, async (key) => {
      const message = await getLastAlone(bus, stream, bucketSubject(this.spec.bucket, key));
      if (message) entries.set(key, this.entryOf(message));
      else entries.delete(key);
    });
    this.seen = now;
  }

  /** Whether a message that tells of a deletion may go by itself. */
  get forgets(): boolean {
    return this.seen?.forgets ?? false;
  }

  /** Takes in what was written, unless something newer is known. */
  note(key: string, entry: BucketEntry): void {
    if (entry.revision > (this.entries.get(key)?.revision ?? 0)) this.entries.set(key, entry);
  }

  /** What we wrote is known without reading it, unless somebody else wrote meanwhile. `acked`: messages that were stored. */
  async wrote(acked: number): Promise<void> {
    const before = this.seen;
    this.seen = undefined;
    const now = await this.state();
    if (now && before && now.created === before.created && now.lastSeq === before.lastSeq + acked)
      this.seen = now;
  }

  private async state(): Promise<Seen | undefined> {
    const info = await this.bus.whileConnected(streamInfo(this.bus.manager, bucketStream(this.spec.bucket)));
    if (!info) return undefined;
    const { created, state, config } = info;
    const forgets = (config as { readonly allow_msg_ttl?: boolean }).allow_msg_ttl === true;
    return { created, lastSeq: state.last_seq, messages: state.messages, forgets };
  }

  private async keys(): Promise<string[]> {
    const filter = bucketFilter(this.spec);
    const asked = this.bus.manager.streams.info(bucketStream(this.spec.bucket), { subjects_filter: filter });
    const { state } = await this.bus.whileConnected(asked);
    const prefix = bucketSubject(this.spec.bucket, '').length;
    return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix));
  }

  private entryOf({ seq, data, headers }: StreamMessage): BucketEntry {
    const isOurs = headers?.get(SINK_KV_HEADER) === this.sink;
    const isDeleted = (headers?.get('KV-Operation') ?? '') !== '';
    const value = isDeleted ? {} : { digest: sha256Hex(data) };
    return { revision: seq, bytes: data.byteLength, isOurs, ...value };
  }
}

function isSame(a: Seen, b: Seen | undefined): boolean {
  return a.created === b?.created && a.lastSeq === b.lastSeq && a.messages === b.messages;
}

/** Does something with each of them, {@link IN_FLIGHT} at a time. Throws what the first that fails throws. */
export async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += IN_FLIGHT)
    await Promise.all(all.slice(from, from + IN_FLIGHT).map(work));
}

/** A bucket as the KV clients of NATS make it, with one value for each key. `allow_msg_ttl`: of servers from 2.11 on. */
function bucketDefinition(bucket: string): Partial<StreamConfig> & {
  readonly name: string;
  readonly subjects: string[];
  readonly allow_msg_ttl: boolean;
} {
  return {
    name: bucketStream(bucket),
    subjects: [bucketSubject(bucket, '>')],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    num_replicas: 1,
    max_msgs_per_subject: 1,
    max_bytes: BOUNDS.sinkBucketBytes,
    max_msg_size: SINK_VALUE_BYTES,
    discard: DiscardPolicy.New,
    deny_delete: true,
    allow_rollup_hdrs: true,
    allow_direct: true,
    allow_msg_ttl: true,
  };
}
