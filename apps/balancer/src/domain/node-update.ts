import {
  canonicalJson,
  type ManifestListener,
  NODE_KEYS,
  type NodeAnnouncements,
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
  /** The announcements of the manifest cannot be read. */
  readonly isSilent?: boolean;
}

/** A listener's state to be written, and where. */
export interface ListenerWrite extends StandingListener {
  /** The canonical JSON whose digest it has. */
  readonly text: string;
}

/** What is to change of what a node does. */
export interface NodeWanted {
  /** What changed or may have, `undefined` for a listener that it shall not serve; everything else stays. */
  readonly listeners: ReadonlyMap<string, NodeListener | undefined>;
  /** All that it shall announce; `nothing`: nothing, absent: it stays as it is. */
  readonly announcements?: NodeAnnouncements | 'nothing';
}

/** What makes a wanted state the standing one: first the listeners and announcements, then the manifest. */
export interface NodeUpdate {
  readonly listeners: readonly ListenerWrite[];
  /** Absent: nothing has to be written of them. */
  readonly announcements?: { readonly key: string; readonly text: string };
  readonly manifest: NodeManifest;
  /** Names of the listeners that left; their keys go after the manifest. */
  readonly gone: readonly string[];
}

/** How a node is told from now on; of one that left the config, nothing but that it serves nothing. */
export type NodePlan = Pick<NodeManifest, 'node' | 'driver' | 'syncIntervalMs' | 'vpp'>;

/** The plan of a node with these settings. */
export function planOf({ name, driver, syncIntervalMs, vpp }: NodeSettings): NodePlan {
  return { node: name, driver, syncIntervalMs, ...(vpp && { vpp }) };
}

/**
 * What has to be written for a node; undefined when it stands already. A state is written where the standing manifest does not point,
 * so that what it names stays readable. `epoch` counts for a node that was never told anything.
 */
export function nodeUpdate(
  plan: NodePlan,
  standing: StandingState | undefined,
  wanted: NodeWanted,
  { at, epoch }: { readonly at: string; readonly epoch: string },
): NodeUpdate | undefined {
  const named = new Map(standing?.manifest.listeners.map((entry) => [entry.name, entry]));
  const listeners: ListenerWrite[] = [];
  const gone: string[] = [];
  for (const name of [...wanted.listeners.keys()].sort()) {
    const state = wanted.listeners.get(name);
    const before = named.get(name);
    if (!state) {
      if (named.delete(name)) gone.push(name);
      continue;
    }
    const text = canonicalJson(state);
    const digest = sha256Hex(text);
    if (before?.digest === digest && standing?.listeners.has(name)) continue;
    const key = NODE_KEYS.listener(plan.node, name, otherSlot(before?.key));
    listeners.push({ name, key, digest, state, text });
    named.set(name, { name, key, digest });
  }
  const told = announcementsOf(plan.node, standing, wanted.announcements);
  const isSame =
    standing !== undefined &&
    canonicalJson(planIn(standing.manifest)) === canonicalJson(plan) &&
    told.entry?.digest === standing.manifest.announcements?.digest;
  if (isSame && listeners.length === 0 && gone.length === 0 && !told.write) return undefined;
  const manifest: NodeManifest = {
    ...plan,
    epoch: standing?.manifest.epoch ?? epoch,
    generation: (standing?.manifest.generation ?? 0) + 1,
    at,
    listeners: [...named.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...(told.entry && { announcements: told.entry }),
  };
  return { listeners, ...(told.write && { announcements: told.write }), manifest, gone };
}

/** The plan that a manifest was made by. */
export function planIn({ node, driver, syncIntervalMs, vpp }: NodeManifest): NodePlan {
  return { node, driver, syncIntervalMs, ...(vpp && { vpp }) };
}

/** The state that stands once an update is written. */
export function afterUpdate(standing: StandingState | undefined, update: NodeUpdate): StandingState {
  const listeners = new Map(standing?.listeners);
  for (const name of update.gone) listeners.delete(name);
  for (const { text: _, ...listener } of update.listeners) listeners.set(listener.name, listener);
  const { manifest, announcements } = update;
  const isSilent = standing?.isSilent === true && !announcements && manifest.announcements !== undefined;
  return { manifest, listeners, ...(isSilent && { isSilent }) };
}

/** What the next manifest names of announcements, and what has to be written before. */
function announcementsOf(
  node: string,
  standing: StandingState | undefined,
  wanted: NodeWanted['announcements'],
): { readonly entry?: NodeManifest['announcements']; readonly write?: NodeUpdate['announcements'] } {
  const before = standing?.manifest.announcements;
  if (wanted === 'nothing') return {};
  if (!wanted) return before ? { entry: before } : {};
  const text = canonicalJson(wanted);
  const digest = sha256Hex(text);
  if (before?.digest === digest && standing?.isSilent !== true) return { entry: before };
  const key = NODE_KEYS.announcements(node, otherSlot(before?.key));
  return { entry: { key, digest }, write: { key, text } };
}

/** The slot that is not the one of a key. */
function otherSlot(key: string | undefined): Slot {
  return key?.endsWith('.a') === true ? 'b' : 'a';
}
