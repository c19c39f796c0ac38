import { notStarted, type ProcessOutcome } from '../process-outcome.js';
import type { RunPlace, RunRequest } from '../run-place.js';
import type { EndReason } from './end-reason.js';
import { PersistentProcess } from './persistent-process.js';

/** Tells a plugin that it is to serve one line after another. */
const MODE = { SIGNALBOX_PLUGIN_MODE: 'persistent' } as const;

/** What a place tells its pool. */
export interface PlaceOwner {
  readonly isStopped: boolean;
  /** A run of this identity begins: processes of another one are of no use any more. */
  adopt(identity: string): void;
  /** No process may serve another run. */
  recycle(): void;
  /** The process at the place begins to end. */
  onEnding(place: Place): void;
  onEnded(reason: EndReason): void;
}

/**
 * Room for one process of a plugin. The plugin has as many as its concurrency, so it never has more processes, those
 * that are about to end included. A run holds the place while it lasts; the process stays for the next run.
 */
export class Place implements RunPlace {
  private process: PersistentProcess | undefined;
  private starting: Promise<PersistentProcess> | undefined;
  private identity = '';
  private recycle: RunRequest['recycle'] = { runs: 0, afterMs: 0 };
  private isSpoiled = false;

  constructor(private readonly owner: PlaceOwner) {}

  /** Runs on the process of the place, after replacing it when it is worn, of another identity, or not there. */
  async run(request: RunRequest): Promise<ProcessOutcome> {
    const startedMs = performance.now();
    const elapsed = (): number => Math.round(performance.now() - startedMs);
    const isOver = (): boolean => this.owner.isStopped || request.signal?.aborted === true;
    this.owner.adopt(request.identity);
    try {
      const process = await this.processFor(request, isOver);
      if (!process || isOver()) return notStarted(elapsed(), { aborted: true });
      const { stdin: line, timeoutMs, signal } = request;
      return await process.ask({ line, timeoutMs, startedMs, ...(signal && { signal }) });
    } catch (error) {
      return notStarted(elapsed(), { startError: (error as Error).message });
    }
  }

  onUntrusted(): void {
    this.owner.recycle();
  }

  onInvalidResult(): void {
    this.isSpoiled = true;
  }

  /** Why the process cannot take a run of this identity; undefined when it can. */
  replaceReason(identity: string | undefined): EndReason | undefined {
    const { process, recycle } = this;
    if (process === undefined) return 'exit';
    if (process.endReason !== undefined) return process.endReason;
    if (this.isSpoiled) return 'result-invalid';
    if (this.identity !== identity) return 'changed';
    if (process.runCount >= recycle.runs) return 'runs';
    return performance.now() - process.startedMs >= recycle.afterMs ? 'age' : undefined;
  }

  /** Ends the process, if there is one, giving it time to finish by itself. */
  async retire(reason: EndReason): Promise<void> {
    await this.process?.retire(reason);
  }

  /** Ends the process, also one that is being started, and the run in work. */
  async shutDown(): Promise<void> {
    const process = await this.starting?.catch(() => undefined);
    await process?.shutDown();
  }

  /** Undefined when the service stopped in the meantime. */
  private async processFor(
    request: RunRequest,
    isOver: () => boolean,
  ): Promise<PersistentProcess | undefined> {
    const reason = this.replaceReason(request.identity);
    if (reason === undefined) return this.process;
    await this.process?.retire(reason);
    if (isOver()) return undefined;
    this.identity = request.identity;
    this.recycle = request.recycle;
    const start = { ...request, env: { ...request.env, ...MODE } };
    this.starting = PersistentProcess.start(start, () => this.owner.onEnding(this));
    const process = await this.starting;
    this.process = process;
    void process.ended.then(() => this.owner.onEnded(process.endReason ?? 'exit'));
    return process;
  }
}
