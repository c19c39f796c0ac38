import { CodedError, type NodeListener } from '@signalbox/contracts';
import type { BoundPlace } from './bound-place.js';
import { listenFailed, type Place, placeKey, type Transport, transportOf } from '../place.js';
import type { PortMemory } from '../port-memory.js';
import type { SimListener } from './sim-listener.js';
import { TcpPlace } from './tcp-place.js';
import { UdpPlace } from './udp-place.js';

/** All places where the process listens, whoever has them. */
export class BoundPlaces {
  private readonly bound = new Map<string, BoundPlace>();

  constructor(private readonly ports: PortMemory) {}

  /**
   * The place that a listener asks for, which may be another's still; bound now when it was not. `current`: where it
   * listens. Rejects with `listen-failed` when the system does not give it.
   */
  async find(listener: NodeListener, current: BoundPlace | undefined): Promise<BoundPlace> {
    const transport = transportOf(listener);
    const { address, port } = listener.listenAt ?? listener;
    if (current && this.suits(current, transport, address, port)) return current;
    if (port !== undefined) {
      const place = { address, port };
      return this.bound.get(placeKey(transport, place)) ?? this.bind(listener.name, transport, place);
    }
    return this.findFree(listener.name, transport, address);
  }

  /** From now on what is new at each place is its owner's; places without one are given back. */
  handOver(owners: ReadonlyMap<BoundPlace, SimListener>): void {
    for (const [key, bound] of this.bound) {
      const owner = owners.get(bound);
      bound.owner = owner;
      if (!owner) this.release(key, bound);
    }
  }

  async close(): Promise<void> {
    const open = [...this.bound.values()];
    this.bound.clear();
    await Promise.all(open.map((bound) => bound.close()));
  }

  private suits(
    current: BoundPlace,
    transport: Transport,
    address: string,
    port: number | undefined,
  ): boolean {
    const { place } = current;
    const known = this.bound.get(placeKey(transport, place)) === current;
    return known && place.address === address && (port === undefined || place.port === port);
  }

  /** The port that the listener had before, as long as nobody else has it; else any. */
  private async findFree(name: string, transport: Transport, address: string): Promise<BoundPlace> {
    const port = this.ports.get(name);
    if (port !== undefined) {
      const before = this.bound.get(placeKey(transport, { address, port }));
      if (before && !before.owner) return before;
      if (!before) {
        const again = await this.bind(name, transport, { address, port }).catch(() => undefined);
        if (again) return again;
      }
    }
    return this.bind(name, transport, { address, port: 0 });
  }

  private async bind(name: string, transport: Transport, place: Place): Promise<BoundPlace> {
    try {
      const bound = await (transport === 'udp' ? UdpPlace.bind(place) : TcpPlace.bind(place));
      this.bound.set(placeKey(transport, bound.place), bound);
      return bound;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      const { message } = listenFailed(name, place, code);
      throw new CodedError('listen-failed', message, [], { cause: error });
    }
  }

  private release(key: string, bound: BoundPlace): void {
    bound.release(() => {
      if (this.bound.get(key) === bound) this.bound.delete(key);
    });
  }
}
