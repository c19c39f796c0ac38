import type { Bus } from '@signalbox/bus';
import {
  DEFAULT_TIMEOUTS,
  digestOf,
  formatTime,
  NODE_KEYS,
  type NodeDriver,
  type NodeAnnouncements,
  type NodeListener,
  type NodeManifest,
  type NodeVpp,
  NODES_BUCKET,
  type NodeTarget,
  type Slot,
} from '@signalbox/contracts';
import type { KV } from 'nats';

/** A target on one address, by port. */
export function target(port: number, weight = 100, flushes = 0): NodeTarget {
  return { address: '127.0.0.1', port, weight, flushes };
}

/** A listener on a free loopback port. */
export function listener(name: string, ...targets: readonly NodeTarget[]): NodeListener {
  return {
    name,
    address: '192.0.2.10',
    protocol: 'tcp',
    port: 80,
    listenAt: { address: '127.0.0.1' },
    algorithm: 'round-robin',
    timeouts: DEFAULT_TIMEOUTS,
    targets,
  };
}

/** Writes desired states as `balancer` does: listeners first, each in its other place, then the manifest. */
export class NodeWriter {
  epoch = 'e1';
  generation = 0;
  driver: NodeDriver = 'sim';
  syncIntervalMs = 60_000;
  /** What the node announces from the next manifest on; undefined: the manifest names nothing. */
  announcements: NodeAnnouncements | undefined;
  /** What VPP is told as a whole from the next manifest on. */
  vpp: NodeVpp | undefined;
  private readonly slots = new Map<string, Slot>();
  private readonly digests = new Map<string, string>();
  private announcementsSlot: Slot = 'b';
  private announcementsDigest = '';

  private constructor(
    readonly bucket: KV,
    private readonly node: string,
  ) {}

  /** Makes the bucket if it is missing. */
  static async of(bus: Bus, node = 'local'): Promise<NodeWriter> {
    return new NodeWriter(await bus.jetstream.views.kv(NODES_BUCKET, { history: 1 }), node);
  }

  /** A state of the next generation; returns the generation. */
  async write(...listeners: readonly NodeListener[]): Promise<number> {
    for (const one of listeners) await this.writeListener(one);
    await this.writeAnnouncements();
    await this.writeManifest(listeners);
    return this.generation;
  }

  async writeListener(one: NodeListener): Promise<void> {
    const digest = digestOf(one);
    if (this.digests.get(one.name) === digest) return;
    this.slots.set(one.name, this.slots.get(one.name) === 'a' ? 'b' : 'a');
    this.digests.set(one.name, digest);
    await this.bucket.put(this.keyOf(one.name), JSON.stringify(one));
  }

  async writeAnnouncements(): Promise<void> {
    const { announcements, node } = this;
    const digest = announcements ? digestOf(announcements) : '';
    if (!announcements || this.announcementsDigest === digest) return;
    this.announcementsSlot = this.announcementsSlot === 'a' ? 'b' : 'a';
    this.announcementsDigest = digest;
    await this.bucket.put(
      NODE_KEYS.announcements(node, this.announcementsSlot),
      JSON.stringify(announcements),
    );
  }

  /** Names listeners, whether they are there or not. */
  async writeManifest(listeners: readonly NodeListener[]): Promise<void> {
    const { node, epoch, driver, syncIntervalMs, announcements } = this;
    this.generation += 1;
    const manifest: NodeManifest = {
      ...{ node, epoch, driver, syncIntervalMs },
      generation: this.generation,
      at: formatTime(Date.now()),
      listeners: listeners.map((one) => ({
        name: one.name,
        key: this.keyOf(one.name),
        digest: digestOf(one),
      })),
      ...(this.vpp && { vpp: this.vpp }),
      ...(announcements && {
        announcements: {
          key: NODE_KEYS.announcements(node, this.announcementsSlot),
          digest: digestOf(announcements),
        },
      }),
    };
    await this.bucket.put(NODE_KEYS.manifest(node), JSON.stringify(manifest));
  }

  private keyOf(name: string): string {
    return NODE_KEYS.listener(this.node, name, this.slots.get(name) ?? 'a');
  }
}
