import type { NodeDriver, NodeListener, NodeManifest, NodeState } from '@signalbox/contracts';

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
}

/** A listener as a key of the bucket holds it. */
export interface HeldListener {
  readonly listener: NodeListener;
  readonly digest: string;
}

/** A manifest whose listeners are not all there: `missing` names the keys that hold nothing, or something else. */
export interface Incomplete {
  readonly missing: readonly string[];
}

/** The state that a manifest names, if all of it is held with its digests. ADR 0023. */
export function assemble(
  manifest: NodeManifest,
  held: ReadonlyMap<string, HeldListener>,
): Desired | Incomplete {
  const missing = manifest.listeners.filter(({ key, digest }) => held.get(key)?.digest !== digest);
  if (missing.length > 0) return { missing: missing.map(({ key }) => key) };
  const { node, epoch, generation, at, driver, syncIntervalMs, vpp } = manifest;
  const listeners = manifest.listeners.flatMap(({ key }) => held.get(key)?.listener ?? []);
  const digests = Object.fromEntries(manifest.listeners.map(({ name, digest }) => [name, digest]));
  const state: NodeState = { node, generation, listeners, ...(vpp && { vpp }) };
  return { epoch, at, driver, syncIntervalMs, state, digests };
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
