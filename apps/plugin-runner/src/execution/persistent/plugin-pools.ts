import type { PluginSpec } from '@signalbox/contracts';
import { PROCESS_LIMITS } from '../limits.js';
import type { RunPlace } from '../run-place.js';
import type { EndReason } from './end-reason.js';
import { ProcessPool, shuttingDown } from './process-pool.js';

export interface PluginPoolsOptions {
  /** Told whenever a persistent process has ended. */
  readonly onEnded?: (plugin: string, reason: EndReason) => void;
  /** Default {@link PROCESS_LIMITS}.idleMs. */
  readonly idleMs?: number;
  /** Requests that may be open on one process. Default {@link PROCESS_LIMITS}.window. */
  readonly window?: number;
}

interface Entry {
  readonly pool: ProcessPool;
  /** The spec that the last run came with. */
  spec: PluginSpec;
}

/** The processes of all persistent plugins: a pool for each plugin that has any. */
export class PluginPools {
  private readonly entries = new Map<string, Entry>();
  private stopped = false;

  constructor(private readonly options: PluginPoolsOptions = {}) {}

  /** Runs that wait for a place: of the plugin where most do. */
  get mostWaiting(): number {
    return Math.max(0, ...[...this.entries.values()].map(({ pool }) => pool.waitingRuns));
  }

  /**
   * Holds a place for one run while `work` lasts. Throws `run-lost` at shutdown and `not-ready` when too many runs
   * wait for a place; `work` was not called then.
   */
  async withPlace<T>(
    plugin: string,
    spec: PluginSpec,
    signal: AbortSignal | undefined,
    work: (place: RunPlace) => Promise<T>,
  ): Promise<T> {
    if (this.stopped || signal?.aborted) throw shuttingDown();
    const { pool } = this.entryOf(plugin, spec);
    const place = await pool.hold(spec.concurrency ?? PROCESS_LIMITS.concurrency, signal);
    try {
      return await work(place);
    } finally {
      pool.release();
    }
  }

  /** Ends the processes of plugins that are not declared any more, or not with the spec they were started with. */
  keep(declared: ReadonlyMap<string, PluginSpec>): void {
    for (const [plugin, { pool, spec }] of this.entries)
      if (declared.get(plugin) !== spec && JSON.stringify(declared.get(plugin)) !== JSON.stringify(spec))
        pool.recycle();
  }

  /** Ends every process now, runs in work included; nothing is started any more. Resolves when all are gone. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([...this.entries.values()].map(({ pool }) => pool.stop()));
  }

  private entryOf(plugin: string, spec: PluginSpec): Entry {
    const known = this.entries.get(plugin);
    if (known) {
      known.spec = spec;
      return known;
    }
    const events = {
      onEnded: (reason: EndReason) => this.options.onEnded?.(plugin, reason),
      onEmpty: () => this.entries.delete(plugin),
    };
    const { idleMs = PROCESS_LIMITS.idleMs, window = PROCESS_LIMITS.window } = this.options;
    const pool = new ProcessPool(events, { idleMs, window });
    const entry = { pool, spec };
    this.entries.set(plugin, entry);
    return entry;
  }
}
