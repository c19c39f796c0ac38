import { type EventGroupSpec, listenPlace } from '@signalbox/contracts';
import type { SenderClock } from '../domain/sender-clocks.js';
import { GroupPort, type ListeningSpec, type ReceiverCondition } from './group-port.js';
import type { ReceiverParts } from './receiver-parts.js';

/**
 * The ports on which peers push to us, one per group with `spec.listen`; kept in line with the declared groups.
 * A port that cannot be opened yet never fails an apply: it is a condition and is tried again.
 *
 * Source nodes that count as members through EventPeers must be in `members` already (spec/federation).
 */
export class Receivers {
  private readonly ports = new Map<string, GroupPort>();
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly parts: ReceiverParts) {}

  /** Resolves when every port that shall be open was tried once. Calls are handled one after the other. */
  apply(groups: ReadonlyMap<string, EventGroupSpec>): Promise<void> {
    this.queue = this.queue.then(() => this.reconcile(groups));
    return this.queue;
  }

  /** How the listening groups stand, by name. */
  conditions(): ReceiverCondition[] {
    return [...this.ports.values()]
      .map((port) => port.condition)
      .sort((a, b) => (a.group < b.group ? -1 : 1));
  }

  /** Clocks of those who pushed, by group. */
  senderClocks(): { readonly group: string; readonly senders: readonly SenderClock[] }[] {
    return [...this.ports].map(([group, port]) => ({ group, senders: port.senderClocks() }));
  }

  /** Senders whose clocks are known, of the port where most are. */
  get mostSenders(): number {
    return Math.max(0, ...this.senderClocks().map(({ senders }) => senders.length));
  }

  /** Signed requests that are remembered, of the port where most are. */
  get mostRemembered(): number {
    return Math.max(0, ...[...this.ports.values()].map(({ remembered }) => remembered));
  }

  /** Closes all ports. */
  stop(): Promise<void> {
    return this.apply(new Map());
  }

  private async reconcile(groups: ReadonlyMap<string, EventGroupSpec>): Promise<void> {
    const wanted = new Map(
      [...groups].flatMap(([group, spec]): [string, ListeningSpec][] => {
        const listen = listenPlace(spec);
        return listen ? [[group, { ...spec, listen }]] : [];
      }),
    );
    const gone = [...this.ports].filter(([group, port]) => {
      const spec = wanted.get(group);
      return !spec || port.movesTo(spec);
    });
    for (const [group] of gone) this.ports.delete(group);
    await Promise.all(gone.map(([, port]) => port.stop()));
    await Promise.all([...wanted].map(([group, spec]) => this.portOf(group, spec).declare(spec)));
  }

  private portOf(group: string, spec: ListeningSpec): GroupPort {
    const port = this.ports.get(group) ?? new GroupPort(this.parts, group, spec);
    this.ports.set(group, port);
    return port;
  }
}
