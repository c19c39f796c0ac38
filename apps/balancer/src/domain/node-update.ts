import {
  canonicalJson,
  type ManifestListener,
  NODE_KEYS,
  type NodeListener,
  type NodeManifest,
  type NodeSettings,
  sha256Hex,
  type Slot,
} from '@signalbox/contracts';

/** A listener as the standing manifest names it. */
export interface StandingListener extends ManifestListener {
  readonly state: NodeListener;
}

/** What a node was told last: a complete state. */
export interface StandingState {
  readonly manifest: NodeManifest;
  /** The listeners of the manifest whose states can be read. */
  readonly listeners: ReadonlyMap<string, StandingListener>;
}

/** A listener's state to be written, and where. */
export interface ListenerWrite extends StandingListener {
  /** The canonical JSON whose digest it has. */
  readonly text: string;
}

/** What makes a wanted state the standing one: first the listeners, then the manifest. */
export interface NodeUpdate {
  readonly listeners: readonly ListenerWrite[];
  readonly manifest: NodeManifest;
  /** Names of the listeners that left; their keys go after the manifest. */
  readonly gone: readonly string[];
}

/** How a node is told from now on; of one that left the config, nothing but that it serves nothing. */
export type NodePlan = Pick<NodeManifest, 'node' | 'driver' | 'syncIntervalMs'>;

/** The plan of a node with these settings. */
export function planOf({ name, driver, syncIntervalMs }: NodeSettings): NodePlan {
  return { node: name, driver, syncIntervalMs };
}

/**
 * What has to be written for a node; undefined when it stands already. `wanted`: what changed or may have, `undefined` for
 * a listener that it shall not serve; everything else stays. A state is written where the standing manifest does not point,
 * so that what it names stays readable. `epoch` counts for a node that was never told anything.
 */
export function nodeUpdate(
  plan: NodePlan,
  standing: StandingState | undefined,
  wanted: ReadonlyMap<string, NodeListener | undefined>,
  { at, epoch }: { readonly at: string; readonly epoch: string },
): NodeUpdate | undefined {
  const named = new Map(standing?.manifest.listeners.map((entry) => [entry.name, entry]));
  const listeners: ListenerWrite[] = [];
  const gone: string[] = [];
  for (const name of [...wanted.keys()].sort()) {
    const state = wanted.get(name);
    const before = named.get(name);
    if (!state) {
      if (named.delete(name)) gone.push(name);
      continue;
    }
    const text = canonicalJson(state);
    const digest = sha256Hex(text);
    if (before?.digest === digest && standing?.listeners.has(name)) continue;
    const key = NODE_KEYS.listener(plan.node, name, otherSlot(plan.node, name, before));
    listeners.push({ name, key, digest, state, text });
    named.set(name, { name, key, digest });
  }
  const isSame =
    standing?.manifest.driver === plan.driver && standing.manifest.syncIntervalMs === plan.syncIntervalMs;
  if (isSame && listeners.length === 0 && gone.length === 0) return undefined;
  const manifest: NodeManifest = {
    ...plan,
    epoch: standing?.manifest.epoch ?? epoch,
    generation: (standing?.manifest.generation ?? 0) + 1,
    at,
    listeners: [...named.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
  return { listeners, manifest, gone };
}

/** The state that stands once an update is written. */
export function afterUpdate(standing: StandingState | undefined, update: NodeUpdate): StandingState {
  const listeners = new Map(standing?.listeners);
  for (const name of update.gone) listeners.delete(name);
  for (const { text: _, ...listener } of update.listeners) listeners.set(listener.name, listener);
  return { manifest: update.manifest, listeners };
}

function otherSlot(node: string, name: string, before: ManifestListener | undefined): Slot {
  return before?.key === NODE_KEYS.listener(node, name, 'a') ? 'b' : 'a';
}
