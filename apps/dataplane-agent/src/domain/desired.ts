import type {
  NodeAnnouncements,
  NodeDriver,
  NodeListener,
  NodeManifest,
  NodeState,
} from '@signalbox/contracts';

/** A complete desired state, as a manifest and the listeners that it names give it. */
export interface Desired {
  readonly epoch: string;
  /** When it was decided. */
  readonly at: string;
  readonly driver: NodeDriver;
  readonly syncIntervalMs: number;
  readonly state: NodeState;
  /** Digest of each listener by its name. */
  readonly digests: Readonly<Record<string, string>>;
  /** What the node announces; absent: nothing. */
  readonly announcements?: NodeAnnouncements;
}

/** A listener as a key of the bucket holds it. */
export interface HeldListener {
  readonly listener: NodeListener;
  readonly digest: string;
}

/** What a node announces, as a key of the bucket holds it. */
export interface HeldAnnouncements {
  readonly announcements: NodeAnnouncements;
  readonly digest: string;
}

/** What the keys of a node hold, by key. */
export interface HeldKeys {
  readonly listeners: ReadonlyMap<string, HeldListener>;
  readonly announcements: ReadonlyMap<string, HeldAnnouncements>;
}

/** A manifest that names what is not all there: `missing` names the keys that hold nothing, or something else. */
export interface Incomplete {
  readonly missing: readonly string[];
}

/** The state that a manifest names, if all of it is held with its digests. ADR 0023, ADR 0042. */
export function assemble(manifest: NodeManifest, held: HeldKeys): Desired | Incomplete {
  const named = manifest.announcements;
  const announced = named && held.announcements.get(named.key);
  const missing = [
    ...manifest.listeners.filter(({ key, digest }) => held.listeners.get(key)?.digest !== digest),
    ...(named && announced?.digest !== named.digest ? [named] : []),
  ];
  if (missing.length > 0) return { missing: missing.map(({ key }) => key) };
  const { node, epoch, generation, at, driver, syncIntervalMs, vpp } = manifest;
  const listeners = manifest.listeners.flatMap(({ key }) => held.listeners.get(key)?.listener ?? []);
  const digests = Object.fromEntries(manifest.listeners.map(({ name, digest }) => [name, digest]));
  const state: NodeState = { node, generation, listeners, ...(vpp && { vpp }) };
  return {
    ...{ epoch, at, driver, syncIntervalMs, state, digests },
    ...(announced && { announcements: announced.announcements }),
  };
}

/** Whether a state comes after another one: counting began anew with another epoch, and else only goes up. */
export function comesAfter(
  offered: Pick<Desired, 'epoch' | 'state'>,
  known: Pick<Desired, 'epoch' | 'state'> | undefined,
): 'newer' | 'same' | 'stale' {
  if (!known || offered.epoch !== known.epoch) return 'newer';
  const ahead = offered.state.generation - known.state.generation;
  return ahead > 0 ? 'newer' : ahead === 0 ? 'same' : 'stale';
}
