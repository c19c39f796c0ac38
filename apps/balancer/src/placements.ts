import { Injectable } from '@nestjs/common';
import {
  CodedError,
  type ListenerPlacement,
  type NodePlacement,
  type PlacementAnswer,
  type VipPoolsAnswer,
} from '@signalbox/contracts';
import { FrontendInputs } from './frontend-inputs.js';
import { NodeStates } from './node-states.js';
import { NodeWriter } from './node-writer.js';
import { VipLeases } from './vip-leases.js';

/** Says where listeners are, and how much of the VipPools is given. */
@Injectable()
export class Placements {
  constructor(
    private readonly inputs: FrontendInputs,
    private readonly vips: VipLeases,
    private readonly states: NodeStates,
    private readonly writer: NodeWriter,
  ) {}

  /** Of one listener, by its scoped name, or of all. Throws `not-found`, `not-ready`. */
  answer(listener?: string): PlacementAnswer {
    this.checkReady();
    const names = listener === undefined ? [...this.states.names].sort() : [listener];
    return { listeners: names.map((name) => this.placementOf(name)) };
  }

  /** Throws `not-ready`. */
  vipPools(): VipPoolsAnswer {
    this.checkReady();
    return {
      pools: this.vips.counts.map(({ pool, used, quarantined }) => ({ pool: pool.name, used, quarantined })),
    };
  }

  /** Names of the nodes that were told of a listener. */
  servingNodes(): string[] {
    return this.states.nodes
      .map(({ name }) => name)
      .filter((name) => this.writer.lane(name)?.standing?.listeners.size);
  }

  private checkReady(): void {
    if (!this.inputs.isReady)
      throw new CodedError('not-ready', 'balancer is still catching up with its records: try again');
  }

  private placementOf(listener: string): ListenerPlacement {
    const placement = this.states.placementOf(listener);
    if (!placement) throw new CodedError('not-found', `there is no listener "${listener}"`);
    const { nodes, unplaced } = placement;
    return {
      listener,
      nodes: this.states.nodes
        .filter(({ name }) => nodes.includes(name))
        .map(({ name: node, driver }) => ({ node, driver, ...this.told(node, listener) })),
      ...(unplaced !== undefined && { unplaced }),
    };
  }

  private told(node: string, listener: string): Partial<NodePlacement> {
    const lane = this.writer.lane(node);
    const digest = lane?.standing?.listeners.get(listener)?.digest;
    const generation = lane?.standing?.manifest.generation;
    const waits = lane?.waitsFor(listener);
    return {
      ...(digest !== undefined && generation !== undefined && { generation, digest }),
      ...(waits !== undefined && { waits }),
    };
  }
}
