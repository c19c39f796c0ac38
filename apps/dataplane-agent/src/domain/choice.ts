import { type NodeListener } from '@signalbox/contracts';
import { leastConnections } from './least-connections.js';
import { maglevChoice, sourceHashChoice } from './maglev-choice.js';
import { randomChoice } from './random-choice.js';
import { roundRobin } from './round-robin.js';

/** Who connects. */
export interface Client {
  readonly address: string;
  readonly port: number;
}

/** Chooses the target of a new connection of one listener. Stateful only where the algorithm is: turns of round robin. */
export interface Choice {
  /**
   * Index in the listener's targets; undefined: no target can take it. A target of weight 0 is never chosen.
   * `connections(i)`: how many stand at target i. `except`: targets that were tried for this connection already.
   */
  choose(
    client: Client,
    connections: (index: number) => number,
    except?: ReadonlySet<number>,
  ): number | undefined;
  /** Digest of the table; of `maglev` only. */
  readonly tableDigest?: string;
  /** Something to know that refuses nothing. */
  readonly warning?: string;
}

/**
 * How a listener chooses among the targets that it has now; new targets or weights need a new one. `random`: 0 up to
 * but not 1. Throws a RangeError when the table size of a `maglev` listener is no prime. spec/balance "Algorithms".
 */
export function choiceOf(
  listener: Pick<NodeListener, 'algorithm' | 'tableSize' | 'targets'>,
  random: () => number,
): Choice {
  switch (listener.algorithm) {
    case 'round-robin':
      return roundRobin(listener.targets);
    case 'least-connections':
      return leastConnections(listener.targets);
    case 'random':
      return randomChoice(listener.targets, random);
    case 'source-hash':
      return sourceHashChoice(listener.targets);
    case 'maglev':
      return maglevChoice(listener.targets, listener.tableSize);
  }
}
