import type { Prober } from './probe.js';

/** The prober of each network namespace in use, made when it is first asked for. */
export class Probers {
  private readonly inNamespace = new Map<string, Prober>();

  constructor(
    private readonly local: Prober,
    private readonly enter: (name: string) => Prober,
  ) {}

  /** The prober of a namespace; without a name, that of our own. */
  of(netns?: string): Prober {
    if (netns === undefined) return this.local;
    const prober = this.inNamespace.get(netns) ?? this.enter(netns);
    this.inNamespace.set(netns, prober);
    return prober;
  }

  /** Closes the probers of all other namespaces. */
  async keepOnly(names: Iterable<string>): Promise<void> {
    const kept = new Set(names);
    const unused = [...this.inNamespace].filter(([name]) => !kept.has(name));
    for (const [name] of unused) this.inNamespace.delete(name);
    await Promise.all(unused.map(([, prober]) => prober.close()));
  }

  async close(): Promise<void> {
    await this.keepOnly([]);
    await this.local.close();
  }
}
