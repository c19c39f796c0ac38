import { BOUNDS, type NodeTarget } from '@signalbox/contracts';
import { placeName } from './place-name.js';

/** Most clients that a listener remembers: about 20 MB. Beyond it the one that was silent longest is forgotten. */
export const REMEMBERED_CLIENTS = BOUNDS.rememberedClients;

/** Where a client belongs, and since when it was silent. */
interface Memory {
  /** Name of the target's place, which outlives its index. */
  readonly place: string;
  readonly usedAt: number;
}

/**
 * Which target each client of a listener belongs to, by the client's address. Times in milliseconds of one clock that
 * never goes back. spec/balance "Affinity".
 */
export class AffinityTable {
  /** By address; longest silent first, since whoever is used goes to the end. */
  readonly #memories = new Map<string, Memory>();
  #places: readonly string[] = [];
  #indices: ReadonlyMap<string, number> = new Map();

  /** `timeoutMs`: a client that was silent for longer is new again. `bound`: most clients. */
  constructor(
    private readonly timeoutMs: number,
    private readonly bound: number = REMEMBERED_CLIENTS,
  ) {}

  /** How many clients are remembered; some of them may be silent for too long. */
  get size(): number {
    return this.#memories.size;
  }

  /** The targets from now on. Clients of a place that is still there, wherever it stands now, still belong to it. */
  useTargets(targets: readonly NodeTarget[]): void {
    this.#places = targets.map(({ address, port }) => placeName(address, port));
    const weighted = this.#places.map((place, index) => [place, index] as const);
    this.#indices = new Map(weighted.filter(([, index]) => targets[index]?.weight !== 0));
  }

  /**
   * Index of the target that a client belongs to, which counts as a use. Undefined: none; it was silent for too long, or
   * its target left or has no weight. The last two are not forgotten: the target may be back before the client is old.
   */
  find(address: string, now: number): number | undefined {
    const memory = this.#memories.get(address);
    if (memory === undefined) return undefined;
    if (now - memory.usedAt > this.timeoutMs) {
      this.#memories.delete(address);
      return undefined;
    }
    const index = this.#indices.get(memory.place);
    if (index !== undefined) this.#use(address, memory.place, now);
    return index;
  }

  /** From now on a client belongs to the target at an index. */
  remember(address: string, index: number, now: number): void {
    const place = this.#places[index];
    if (place === undefined) return;
    this.#use(address, place, now);
    this.#forgetSilent(now);
  }

  /** Forgets all clients of a target, which need not be there any more, and says how many these were. */
  forget(target: Pick<NodeTarget, 'address' | 'port'>): number {
    const place = placeName(target.address, target.port);
    const before = this.#memories.size;
    for (const [address, memory] of this.#memories) {
      if (memory.place === place) this.#memories.delete(address);
    }
    return before - this.#memories.size;
  }

  #use(address: string, place: string, now: number): void {
    this.#memories.delete(address);
    this.#memories.set(address, { place, usedAt: now });
  }

  /** Drops from the front those that are silent for too long, and as many more as are over the bound. */
  #forgetSilent(now: number): void {
    for (const [address, { usedAt }] of this.#memories) {
      if (this.#memories.size <= this.bound && now - usedAt <= this.timeoutMs) return;
      this.#memories.delete(address);
    }
  }
}
