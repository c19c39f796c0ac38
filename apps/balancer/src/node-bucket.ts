import { Injectable } from '@nestjs/common';
import { Bus, Follower, type StreamMessage } from '@signalbox/bus';
import {
  CodedError,
  decodeNodeAnnouncements,
  decodeNodeListener,
  decodeNodeManifest,
  NODE_KEYS,
  type NodeManifest,
  NODES_STREAM,
  nodeSubject,
  sha256Hex,
} from '@signalbox/contracts';
import type { StandingListener, StandingState } from './domain/node-update.js';

/** What the bucket holds of one node. */
export interface StoredNode {
  /** Absent: it was never told anything that can be read. */
  standing?: StandingState | undefined;
  /** Revision of each key that is there. */
  readonly revisions: Map<string, number>;
}

/** The bucket of desired node states. The balancer is its one writer. */
@Injectable()
export class NodeBucket {
  private endReading: () => void = () => undefined;
  private readonly stopped = new Promise<void>((resolve) => (this.endReading = resolve));

  constructor(private readonly bus: Bus) {}

  /** What it holds of one node. Waits while NATS is away; rejects with `nats-unavailable` when stopped. */
  async read(node: string): Promise<StoredNode> {
    const messages = await this.messages(NODE_KEYS.all(node));
    return this.storedNode(NODE_KEYS.manifest(node), messages);
  }

  /** The names of the nodes that it has a manifest of. Waits and rejects as {@link read}. */
  async nodes(): Promise<string[]> {
    const messages = await this.messages('*.manifest');
    return [...messages.values()].flatMap(
      (message) => this.readable(message, decodeNodeManifest)?.node ?? [],
    );
  }

  /**
   * Puts a value where the key is at `revision` (0: not there); resolves with the new revision. Rejects with
   * `WrongSequenceError` when it is not, and as the publisher does: then the value may be stored or not.
   */
  async put(key: string, value: string, revision: number): Promise<number> {
    const expected = { expectLastSubjectSeq: revision };
    const { seq } = await this.bus.publisher.publish(nodeSubject(key), Buffer.from(value), expected);
    return seq;
  }

  /** Removes a key with nothing left of it. */
  async purge(key: string): Promise<void> {
    const purged = this.bus.manager.streams.purge(NODES_STREAM, { filter: nodeSubject(key) });
    await this.bus.whileConnected(purged);
  }

  /** Ends what is being read. */
  stop(): void {
    this.endReading();
  }

  /** The newest message of each key. */
  private async messages(keys: string): Promise<Map<string, StreamMessage>> {
    const found = new Map<string, StreamMessage>();
    const prefix = nodeSubject('').length;
    const reader = new Follower(this.bus, {
      service: 'balancer',
      name: 'node states',
      stream: NODES_STREAM,
      filter: nodeSubject(keys),
      fromSeq: 1,
      onBatch: (batch) => {
        for (const message of batch) found.set(message.subject.slice(prefix), message);
        return Promise.resolve();
      },
    });
    try {
      const isRead = await Promise.race([reader.caughtUp.then(() => true), this.stopped]);
      if (!isRead) throw new CodedError('nats-unavailable', 'stopped before the states of nodes were read');
    } finally {
      await reader.stop();
    }
    return found;
  }

  private storedNode(manifestKey: string, messages: ReadonlyMap<string, StreamMessage>): StoredNode {
    const revisions = new Map([...messages].map(([key, { seq }]) => [key, seq]));
    const last = messages.get(manifestKey);
    const manifest = last && this.readable(last, decodeNodeManifest);
    return { standing: manifest && this.standingState(manifest, messages), revisions };
  }

  private standingState(manifest: NodeManifest, messages: ReadonlyMap<string, StreamMessage>): StandingState {
    const listeners = manifest.listeners.flatMap((entry): [string, StandingListener][] => {
      const message = messages.get(entry.key);
      if (!message || sha256Hex(message.data) !== entry.digest) return [];
      const state = this.readable(message, decodeNodeListener);
      return state ? [[entry.name, { ...entry, state }]] : [];
    });
    const { announcements } = manifest;
    const told = announcements && messages.get(announcements.key);
    const isSilent =
      announcements !== undefined &&
      (!told ||
        sha256Hex(told.data) !== announcements.digest ||
        !this.readable(told, decodeNodeAnnouncements));
    return { manifest, listeners: new Map(listeners), ...(isSilent && { isSilent }) };
  }

  /** What is damaged or of another version counts as not there, and is written anew. */
  private readable<T>(message: StreamMessage, decode: (data: Uint8Array) => T): T | undefined {
    if (message.headers?.has('KV-Operation')) return undefined;
    try {
      return decode(message.data);
    } catch (error) {
      const { subject, seq } = message;
      this.bus.log.error({ subject, seq, reason: String(error) }, 'a desired node state cannot be read');
      return undefined;
    }
  }
}
