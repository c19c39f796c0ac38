import { setTimeout } from 'node:timers/promises';
import { type Bus, WrongSequenceError } from '@signalbox/bus';
import {
  bucketSubject,
  CodedError,
  formatTime,
  isSinkKey,
  type KvSinkSpec,
  sha256Hex,
  SINK_KV_HEADER,
  SINK_VALUE_BYTES,
  type SinkContent,
  sinkPlaceOf,
  sinkValuesDigest,
  sinkValuesOf,
} from '@signalbox/contracts';
import type { Clock } from '@signalbox/runtime';
import { NatsError, type Subscription } from 'nats';
import { type Drift, type SinkDocument, SinkFault, type SinkTarget } from '../sink-target.js';
import { type BucketEntry, BucketView, inTurns } from './bucket-view.js';

/** How often the bucket is looked at although nobody was seen writing: what was removed of the stream itself. Milliseconds. */
const LOOK_MS = 30_000;

/** Between two looks at the start, while NATS is away. Milliseconds. */
const RETRY_MS = 1000;

/** The server forgets so much later that a key was deleted: clients that were away until then learn of it. */
const FORGET_DELETED = '30m';

/** Keys that are named to people. */
const NAMED = 3;

/** How a key differs from what was applied. */
type Change = 'deleted' | 'written';

export interface KvTargetOptions {
  readonly sink: string;
  readonly spec: KvSinkSpec;
  /** What others wrote into keys of ours may be written over from the first document on; else only what was told as drift. */
  readonly overwrites: boolean;
}

/**
 * A bucket of NATS KV with a key for each resource. Each write names the revision that the key has as far as we saw, so nothing is
 * written over unseen; each of our messages says that it is ours, so that what others wrote is found, also after a restart. Keys that
 * nobody wanted of us are left alone. docs/reference/sinks.md, ADR 0030.
 */
export class KvTarget implements SinkTarget {
  private readonly view: BucketView;
  private readonly header: string;
  /** Digest of each value that was applied last, by key; undefined: we do not know it. */
  private applied: ReadonlyMap<string, string | undefined> = new Map();
  /** Revisions of keys that others wrote, as they were told; 0: there was nothing. */
  private readonly told = new Map<string, number>();
  /** Digest of what was sent for a key since the last document that was written whole; undefined: a deletion. It is ours when it is found. */
  private readonly unsure = new Map<string, string | undefined>();
  private subscription: Subscription | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly options: KvTargetOptions,
  ) {
    this.header = encodeURIComponent(options.sink);
    this.view = new BucketView(bus, this.header, options.spec);
  }

  /**
   * What the bucket has of us; waits while NATS is away, until `signal`. When that is not what was applied last, an apply was interrupted, or somebody else wrote into keys
   * that look like ours: then those are told as drift.
   */
  async recover(known: SinkContent | undefined, signal: AbortSignal): Promise<SinkContent | undefined> {
    await this.untilLooked(signal);
    const own = this.own();
    const digest = this.digestOf(own);
    if (!known && own.size === 0) return undefined;
    if (digest === known?.digest) {
      this.applied = digestsOf(own);
      return known;
    }
    const others = known
      ? [...this.view.entries].filter(([key, one]) => !one.isOurs && this.hasOurShape(key))
      : [];
    this.applied = new Map([...digestsOf(own), ...others.map(([key]) => [key, undefined] as const)]);
    const bytes = [...own.values()].reduce((sum, entry) => sum + entry.bytes, 0);
    return {
      generation: known?.generation ?? 0,
      ...{ digest, bytes, resources: own.size },
      at: known?.at ?? formatTime(this.clock.now()),
      place: this.place,
    };
  }

  async apply(
    document: SinkDocument,
    _known: SinkContent | undefined,
    signal: AbortSignal,
  ): Promise<SinkContent> {
    const values = this.valuesOf(document);
    await this.ofNats(() => this.view.make());
    await this.ofNats(() => this.view.look());
    const { entries } = this.view;
    const wanted = new Map([...values].map(([key, value]) => [key, sha256Hex(value)]));
    const changed = [...values].filter(([key]) => !isThere(entries.get(key), wanted.get(key)));
    const unseen = changed.map(([key]) => key).filter((key) => this.isUnseen(key, wanted.get(key)));
    if (unseen.length > 0) throw this.changedByOthers(unseen);
    const left = [...this.own().keys()].filter((key) => !wanted.has(key));
    const lost: string[] = [];
    let acked = 0;
    const write = async (key: string, value: string | undefined): Promise<void> => {
      if (signal.aborted)
        throw fault({ code: 'nats-unavailable', message: 'stopped before all was written' });
      if (await this.write(key, value)) acked += 1;
      else lost.push(key);
    };
    await this.ofNats(async () => {
      await inTurns(changed, ([key, value]) => write(key, value));
      await inTurns(left, (key) => write(key, undefined));
      await this.view.wrote(acked);
    });
    // of a key that nobody wants any more it does not matter who wrote it
    const taken = lost.filter((key) => wanted.has(key));
    if (taken.length > 0) throw this.changedByOthers(taken);
    this.applied = wanted;
    this.told.clear();
    this.unsure.clear();
    const bytes = [...values.values()].reduce((sum, value) => sum + Buffer.byteLength(value), 0);
    return {
      generation: document.generation,
      ...{ digest: document.digest, bytes, resources: values.size },
      at: formatTime(this.clock.now()),
      place: this.place,
    };
  }

  async drift(_known: SinkContent): Promise<Drift | undefined> {
    try {
      await this.ofNats(() => this.view.look());
    } catch (error) {
      // nothing can be told now; who applies meets the same
      if (error instanceof SinkFault) return undefined;
      throw error;
    }
    this.told.clear();
    const changes: [string, Change][] = [];
    for (const [key, digest] of this.applied) {
      const entry = this.view.entries.get(key);
      if (entry?.digest !== undefined && entry.digest === digest) continue;
      if (entry?.isOurs && this.unsure.has(key) && this.unsure.get(key) === entry.digest) continue;
      this.told.set(key, entry?.revision ?? 0);
      changes.push([key, entry?.digest === undefined ? 'deleted' : 'written']);
    }
    if (changes.length === 0) return undefined;
    return {
      what: `${changes.length} of ${this.applied.size} keys of bucket ${this.options.spec.bucket} were changed by somebody else: ${namedChanges(changes)}`,
      isGone: changes.every(([, change]) => change === 'deleted'),
    };
  }

  watch(hint: () => void): void {
    const { bucket, prefix } = this.options.spec;
    this.subscription ??= this.bus.connection.subscribe(
      bucketSubject(bucket, prefix === undefined ? '>' : `${prefix}.>`),
      {
        callback: (error, message) => {
          if (!error && message.headers?.get(SINK_KV_HEADER) !== this.header) hint();
        },
      },
    );
    this.timer ??= setInterval(hint, LOOK_MS).unref();
  }

  stop(): Promise<void> {
    clearInterval(this.timer);
    if (!this.bus.connection.isClosed()) this.subscription?.unsubscribe();
    return Promise.resolve();
  }

  private get place(): string {
    return sinkPlaceOf({ natsKv: this.options.spec });
  }

  /** What is not known at the start would be taken for somebody else's later on. */
  private async untilLooked(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return await this.ofNats(() => this.view.look());
      } catch (error) {
        if (!(error instanceof SinkFault) || signal.aborted) throw error;
        await setTimeout(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** By whole key. Throws {@link SinkFault} when one is too large: then nothing is written. */
  private valuesOf({ resources }: SinkDocument): Map<string, string> {
    const most = Math.min(SINK_VALUE_BYTES, this.bus.maxBytes);
    const values = new Map<string, string>();
    for (const [key, value] of sinkValuesOf(resources)) {
      const bytes = Buffer.byteLength(value);
      if (bytes > most) {
        const message = `the value of ${key} has ${bytes} bytes, and a key of a bucket takes ${most}`;
        throw new SinkFault('write', { code: 'too-large', message });
      }
      values.set(this.wholeKey(key), value);
    }
    return values;
  }

  /** Puts a value, or deletes, where the key is as we saw it; false when it is not. */
  private async write(key: string, value: string | undefined): Promise<boolean> {
    const { bus, view, header } = this;
    const data = Buffer.from(value ?? '');
    const digest = value === undefined ? undefined : sha256Hex(value);
    const deletion = value === undefined && {
      'KV-Operation': 'DEL',
      ...(view.forgets && { 'Nats-TTL': FORGET_DELETED }),
    };
    this.unsure.set(key, digest);
    try {
      const { seq } = await bus.publisher.publish(bucketSubject(this.options.spec.bucket, key), data, {
        expectLastSubjectSeq: view.entries.get(key)?.revision ?? 0,
        headers: { [SINK_KV_HEADER]: header, ...deletion },
      });
      view.note(key, { revision: seq, bytes: data.byteLength, isOurs: true, ...(digest && { digest }) });
      return true;
    } catch (error) {
      if (!(error instanceof WrongSequenceError)) throw error;
      this.unsure.delete(key);
      return false;
    }
  }

  /** Whether others wrote a key in a way that nobody was told of. */
  private isUnseen(key: string, digest: string | undefined): boolean {
    const entry = this.view.entries.get(key);
    if (!entry || entry.isOurs || entry.digest === digest || this.options.overwrites) return false;
    return this.told.get(key) !== entry.revision;
  }

  private changedByOthers(keys: readonly string[]): SinkFault {
    const { bucket } = this.options.spec;
    return fault({
      code: 'sink-changed',
      message: `bucket ${bucket} has keys that somebody else wrote: ${named(keys)}. Delete them there, or say onDrift: overwrite`,
    });
  }

  /** What stands there and is ours. */
  private own(): ReadonlyMap<string, BucketEntry & { readonly digest: string }> {
    const own = new Map<string, BucketEntry & { readonly digest: string }>();
    for (const [key, entry] of this.view.entries)
      if (entry.isOurs && entry.digest !== undefined) own.set(key, { ...entry, digest: entry.digest });
    return own;
  }

  private digestOf(own: ReadonlyMap<string, { readonly digest: string }>): string {
    return sinkValuesDigest(new Map([...own].map(([key, { digest }]) => [this.bareKey(key), digest])));
  }

  private hasOurShape(key: string): boolean {
    return isSinkKey(this.bareKey(key));
  }

  private wholeKey(key: string): string {
    const { prefix } = this.options.spec;
    return prefix === undefined ? key : `${prefix}.${key}`;
  }

  private bareKey(key: string): string {
    const { prefix } = this.options.spec;
    return prefix === undefined ? key : key.slice(prefix.length + 1);
  }

  /** What NATS refuses, or does not answer, as a fault. */
  private async ofNats(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof SinkFault) throw error;
      if (error instanceof CodedError)
        throw fault({ code: error.code, message: error.message }, error.retryable);
      if (!(error instanceof NatsError)) throw error;
      const message = `bucket ${this.options.spec.bucket} cannot be used: ${error.message}`;
      throw fault({ code: 'nats-unavailable', message });
    }
  }
}

function fault(body: SinkFault['body'], mayPass = true): SinkFault {
  return new SinkFault('write', body, undefined, mayPass);
}

/** Whether a key has this value, and from us. */
function isThere(entry: BucketEntry | undefined, digest: string | undefined): boolean {
  return entry !== undefined && entry.isOurs && entry.digest === digest;
}

function digestsOf(own: ReadonlyMap<string, { readonly digest: string }>): Map<string, string> {
  return new Map([...own].map(([key, { digest }]) => [key, digest]));
}

function namedChanges(changes: readonly (readonly [string, Change])[]): string {
  return named(changes.map(([key, change]) => `${key} (${change})`));
}

function named(texts: readonly string[]): string {
  const rest = texts.length - NAMED;
  return `${texts.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
