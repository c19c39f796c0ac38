import { Injectable } from '@nestjs/common';
import { Bus, LatestReader, readRecord, type StreamMessage, untilStream } from '@signalbox/bus';
import {
  decodeNodeAnnouncements,
  decodeNodeListener,
  decodeNodeManifest,
  digestOf,
  NODE_KEYS,
  nodeKey,
  NODES_STREAM,
  nodeSubject,
  type NodeManifest,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import type { Troubles } from './domain/agent-alarms.js';
import { assemble, type HeldAnnouncements, type HeldListener } from './domain/desired.js';
import { DataPlane } from './data-plane.js';

/**
 * Follows what the site wants of this node, in the bucket of desired states: keys of listeners and of what it
 * announces, and the manifest that makes them a state. One that is not complete waits for the messages that it lacks; what was complete before it goes on.
 */
@Injectable()
export class NodeFollower {
  /** Why the newest manifest is not applied, while it is not complete. */
  incomplete: Troubles['incomplete'];
  private readonly held = {
    listeners: new Map<string, HeldListener>(),
    announcements: new Map<string, HeldAnnouncements>(),
  };
  private readonly manifestKey: string;
  private readonly announcementKeys: ReadonlySet<string>;
  private pending: NodeManifest | undefined;
  private reader: LatestReader | undefined;
  private readonly ended = new AbortController();
  private starting: Promise<void> | undefined;
  private forgetReconnect: () => void = () => undefined;

  constructor(
    private readonly bus: Bus,
    private readonly plane: DataPlane,
    private readonly clock: Clock,
  ) {
    this.manifestKey = NODE_KEYS.manifest(plane.node);
    this.announcementKeys = new Set(
      (['a', 'b'] as const).map((slot) => NODE_KEYS.announcements(plane.node, slot)),
    );
  }

  /** Listeners that are held, in both of their places. */
  get size(): number {
    return this.held.listeners.size;
  }

  /** Begins to follow as soon as the bucket is there. */
  start(): void {
    this.forgetReconnect = this.bus.onReconnect(() => this.plane.applier.sync());
    this.starting = this.follow();
  }

  async stop(): Promise<void> {
    this.forgetReconnect();
    this.ended.abort();
    await this.starting;
    await this.reader?.stop();
  }

  private async follow(): Promise<void> {
    if (!(await untilStream(this.bus, NODES_STREAM, this.ended.signal))) return;
    this.reader = new LatestReader(this.bus, {
      name: 'node-state',
      stream: NODES_STREAM,
      filter: nodeSubject(NODE_KEYS.all(this.plane.node)),
      onBegin: () => {
        this.held.listeners.clear();
        this.held.announcements.clear();
      },
      onMessage: (message) => this.take(message),
    });
  }

  private take(message: StreamMessage): void {
    const key = nodeKey(message.subject);
    const isGone = message.headers?.has('KV-Operation') ?? false;
    if (key === this.manifestKey) {
      if (!isGone) this.pending = readRecord(this.bus.log, message, decodeNodeManifest) ?? this.pending;
    } else if (this.announcementKeys.has(key)) this.takeAnnouncements(key, isGone ? undefined : message);
    else this.takeListener(key, isGone ? undefined : message);
    this.decide();
  }

  private takeListener(key: string, message: StreamMessage | undefined): void {
    const { listeners } = this.held;
    const listener = message && readRecord(this.bus.log, message, decodeNodeListener);
    if (listener) listeners.set(key, { listener, digest: digestOf(listener) });
    else listeners.delete(key);
  }

  private takeAnnouncements(key: string, message: StreamMessage | undefined): void {
    const held = this.held.announcements;
    const announcements = message && readRecord(this.bus.log, message, decodeNodeAnnouncements);
    if (announcements) held.set(key, { announcements, digest: digestOf(announcements) });
    else held.delete(key);
  }

  /** Applies the newest manifest if everything that it names is there. */
  private decide(): void {
    const { pending } = this;
    if (!pending) return;
    const state = assemble(pending, this.held);
    if ('missing' in state) {
      const sinceMs = this.incomplete?.sinceMs ?? this.clock.now();
      this.incomplete = { sinceMs, generation: pending.generation, missing: state.missing };
      void this.plane.applier.expect(pending.driver);
      return;
    }
    this.pending = undefined;
    this.incomplete = undefined;
    this.plane.applier.offer(state);
  }
}
