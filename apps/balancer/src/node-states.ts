import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { FrontendTarget, ListenerModel, NodeListener, NodeSettings } from '@signalbox/contracts';
import type { FrontendMemory } from './domain/frontend-view.js';
import { nodeListener } from './domain/node-listener.js';
import { isFor, type Placement, placementOf } from './domain/node-placement.js';

/** What nodes shall do: nodes and listeners as the config has them, targets as the stored records have them. */
@Injectable()
export class NodeStates {
  private readonly known = new Map<string, ListenerModel>();
  private readonly targets = new Map<string, readonly FrontendTarget[]>();
  /** Sorted by name. */
  private settings: readonly NodeSettings[] = [];

  get nodes(): readonly NodeSettings[] {
    return this.settings;
  }

  /** Scoped names of the listeners. */
  get names(): Iterable<string> {
    return this.known.keys();
  }

  /** The listeners as the config has them. */
  get models(): Iterable<ListenerModel> {
    return this.known.values();
  }

  takeNodes(nodes: readonly NodeSettings[]): void {
    this.settings = nodes;
  }

  /** A listener as the config has it; undefined: it left. Whether the VIPs of nodes may have changed by that. */
  takeModel(name: string, model: ListenerModel | undefined): boolean {
    const before = this.known.get(name);
    if (model) this.known.set(name, model);
    else this.known.delete(name);
    return !isDeepStrictEqual(before && placeOf(before), model && placeOf(model));
  }

  /** What the records say of a listener; undefined: that it is not there. */
  takeTargets(name: string, memory: FrontendMemory | undefined): void {
    if (memory) this.targets.set(name, [...memory.targets.values()]);
    else this.targets.delete(name);
  }

  /** The targets of a listener as they were recorded. */
  targetsOf(name: string): readonly FrontendTarget[] {
    return this.targets.get(name) ?? [];
  }

  /** What a node shall do for a listener; undefined: nothing. `before`: what it was told last. */
  listenerOf(node: NodeSettings, name: string, before: NodeListener | undefined): NodeListener | undefined {
    const model = this.known.get(name);
    const targets = this.targets.get(name);
    if (!model || !targets || !isFor(node, model)) return undefined;
    return nodeListener(model, targets, node, before);
  }

  /** Which nodes shall serve a listener; undefined when there is no such listener. */
  placementOf(name: string): Placement | undefined {
    const model = this.known.get(name);
    return model && placementOf(model, this.settings);
  }
}

/** What of a listener tells where it is served. */
function placeOf({ address, enabled, nodeGroup, protocol, port }: ListenerModel): object {
  return { address, enabled, nodeGroup, protocol, port };
}
