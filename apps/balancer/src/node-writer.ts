import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import type { NodeSettings } from '@signalbox/contracts';
import { Clock, Metrics } from '@signalbox/runtime';
import type { Counter } from 'prom-client';
import { NodeBucket } from './node-bucket.js';
import { type LaneOptions, NodeLane } from './node-lane.js';
import { NodeStates } from './node-states.js';
import { NodeVips } from './node-vips.js';

/** Random bytes of an epoch; it is written in hex. */
const EPOCH_BYTES = 8;

/** Writes the desired states of all nodes. ADR 0023. */
@Injectable()
export class NodeWriter {
  private readonly lanes = new Map<string, NodeLane>();
  private readonly configured = new Map<string, NodeSettings>();
  private readonly options: LaneOptions;
  private readonly writes: Counter;
  private isStarted = false;

  constructor(
    bus: Bus,
    private readonly bucket: NodeBucket,
    private readonly states: NodeStates,
    private readonly vips: NodeVips,
    clock: Clock,
    metrics: Metrics,
  ) {
    this.writes = metrics.counter(
      'signalbox_balancer_node_writes_total',
      'Values of the desired state of a node that were written: listeners, announcements and manifests',
      ['node'],
    );
    this.options = {
      bus,
      bucket,
      states,
      vips,
      clock,
      startedMs: clock.now(),
      epoch: randomBytes(EPOCH_BYTES).toString('hex'),
      onWrites: (node, writes) => this.writes.inc({ node }, writes),
    };
  }

  /** Looks at every node, also those that are only in the bucket. Everything that is decided has to be recorded. */
  async start(): Promise<void> {
    for (const name of await this.bucket.nodes()) this.laneOf(name).configure(undefined);
    this.isStarted = true;
    this.nodesChanged();
  }

  /** Whether it knows the nodes, and tells them. */
  get isReady(): boolean {
    return this.isStarted;
  }

  /** Listeners changed. */
  mark(listeners: readonly string[]): void {
    for (const lane of this.lanes.values()) lane.mark(listeners);
  }

  /** What nodes shall announce may have changed. */
  vipsChanged(): void {
    if (!this.isStarted) return;
    this.vips.forget();
    for (const lane of this.lanes.values()) lane.markVips();
  }

  /** A node was drained, or announces again. */
  drainChanged(node: string): void {
    if (this.isStarted) this.lanes.get(node)?.markVips();
  }

  /** Nodes came, left or changed. */
  nodesChanged(): void {
    if (!this.isStarted) return;
    this.vips.forget();
    const now = new Map(this.states.nodes.map((node) => [node.name, node]));
    for (const name of this.configured.keys()) if (!now.has(name)) this.laneOf(name).configure(undefined);
    for (const lane of this.lanes.values()) lane.markVips();
    for (const [name, node] of now)
      if (!isDeepStrictEqual(this.configured.get(name), node)) this.laneOf(name).configure(node);
    this.configured.clear();
    for (const [name, node] of now) this.configured.set(name, node);
  }

  /** The writing of a node that was ever told anything, or shall be. */
  lane(node: string): NodeLane | undefined {
    return this.lanes.get(node);
  }

  /** Every node that was ever told anything, or shall be. */
  get all(): Iterable<NodeLane> {
    return this.lanes.values();
  }

  /** Listeners that nodes were told to serve, one for each node. */
  get size(): number {
    let sum = 0;
    for (const { standing } of this.lanes.values()) sum += standing?.listeners.size ?? 0;
    return sum;
  }

  /** Resolves when nothing is to be written any more, but for what waits for the end of the warm-up. */
  async idle(): Promise<void> {
    await Promise.all([...this.lanes.values()].map((lane) => lane.idle()));
  }

  /** Ends the writing; what is not written yet is written by the next process. */
  async stop(): Promise<void> {
    this.isStarted = false;
    this.bucket.stop();
    await Promise.all([...this.lanes.values()].map((lane) => lane.stop()));
  }

  private laneOf(name: string): NodeLane {
    let lane = this.lanes.get(name);
    if (!lane) this.lanes.set(name, (lane = new NodeLane(name, this.options)));
    return lane;
  }
}
