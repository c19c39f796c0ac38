import { BOUNDS, type Fact } from '@signalbox/contracts';

/** The facts that came last, so that a plan can carry them. */
export class FactCache {
  private readonly facts = new Map<string, { readonly fact: Fact; readonly bytes: number }>();
  private kept = 0;

  /** Bytes of the messages that hold them. */
  get bytes(): number {
    return this.kept;
  }

  /** `bytes`: size of the message that holds the fact. */
  put(group: string, seq: number, fact: Fact, bytes: number): void {
    this.facts.set(keyOf(group, seq), { fact, bytes });
    this.kept += bytes;
    for (const [key, oldest] of this.facts) {
      if (this.kept <= BOUNDS.factsAtHandBytes) break;
      this.facts.delete(key);
      this.kept -= oldest.bytes;
    }
  }

  /** The facts at these places; undefined when one of them is not at hand. */
  all(group: string, seqs: readonly number[]): Fact[] | undefined {
    const found = seqs.map((seq) => this.facts.get(keyOf(group, seq))?.fact);
    return found.every((fact) => fact !== undefined) ? found : undefined;
  }
}

function keyOf(group: string, seq: number): string {
  return `${seq} ${group}`;
}
