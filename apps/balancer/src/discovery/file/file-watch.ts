import { fileObservation } from '../../domain/discovery/file-endpoints.js';
import type { Observation } from '../../domain/discovery/endpoint.js';
import type { SourceWatch, WatchedSource, WatchSurroundings } from '../source-watch.js';
import { FILE_LIMITS } from './file-limits.js';
import type { SourceFile } from './source-file.js';

/** Tells when something may have changed in some directories. */
export interface ChangeHints {
  /** These directories and no others. */
  watch(directories: ReadonlySet<string>): void;
  close(): void;
}

const { settleMs, recheckMs, restlessLooks } = FILE_LIMITS;

/**
 * Looks at a file when something stirs, and from time to time; it is read when two looks in a row find it the same, so that nobody
 * is writing it. A file that is away for a moment, because somebody puts another one there, is not away.
 */
export class FileWatch implements SourceWatch {
  private readonly hints: ChangeHints;
  private readonly path: string;
  private timer: NodeJS.Timeout | undefined;
  private turn: Promise<void> = Promise.resolve();
  private isStopped = false;
  /** It rests until the next recheck; a hint may wake it. */
  private isResting = false;
  private isHinted = false;
  /** Mark of the last look, and of what was told last. */
  private seen: string | undefined;
  private told: string | undefined;
  private restless = 0;

  constructor(
    private readonly source: WatchedSource,
    private readonly surroundings: Pick<WatchSurroundings, 'report' | 'warn'>,
    private readonly file: Pick<SourceFile, 'look' | 'read'>,
    hintsTo: (changed: () => void) => ChangeHints,
  ) {
    this.path = source.spec.file?.path ?? '';
    this.hints = hintsTo(() => this.onHint());
    this.after(0);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.hints.close();
    clearTimeout(this.timer);
    await this.turn;
  }

  private onHint(): void {
    this.isHinted = true;
    if (this.isResting) this.after(0);
  }

  private after(ms: number): void {
    clearTimeout(this.timer);
    this.isResting = ms === recheckMs;
    this.timer = setTimeout(() => (this.turn = this.takeTurn()), ms).unref();
  }

  /** Never rejects. */
  private async takeTurn(): Promise<void> {
    this.isResting = this.isHinted = false;
    let restMs: number = recheckMs;
    try {
      restMs = await this.look();
    } catch (error) {
      // nothing that a file or its system says leads here
      this.told = undefined;
      this.surroundings.warn(`BackendSource/${this.source.name}: the look failed: ${String(error)}`);
      this.report({ type: 'unavailable', reason: 'cannot be read, see the log' });
    }
    if (this.isStopped) return;
    this.after(this.isHinted && restMs === recheckMs ? 0 : restMs);
  }

  /** Looks, and says when to look again. Milliseconds. */
  private async look(): Promise<number> {
    const look = await this.file.look();
    if (this.isStopped) return recheckMs;
    this.hints.watch(look.directories);
    const isStill = look.mark === this.seen;
    this.seen = look.mark;
    if (look.mark === this.told) return this.rest();
    if (!isStill) return this.wait();
    const read = look.fault === undefined ? await this.file.read(look) : { fault: look.fault };
    if (this.isStopped) return recheckMs;
    if (!read) return this.wait();
    // what could not be read is tried again: not everything that stands in the way leaves a mark
    this.told = 'bytes' in read ? look.mark : undefined;
    this.report(
      'bytes' in read
        ? fileObservation(read.bytes, this.source.spec.pool ?? '')
        : { type: 'unavailable', reason: read.fault },
    );
    return this.rest();
  }

  private rest(): number {
    this.restless = 0;
    return recheckMs;
  }

  private wait(): number {
    this.restless += 1;
    if (this.restless === restlessLooks) {
      this.told = undefined;
      this.report({
        type: 'unavailable',
        reason: 'is written without a pause: replace it by renaming another one',
      });
    }
    return settleMs;
  }

  private report(observation: Observation): void {
    if (this.isStopped) return;
    this.surroundings.report(
      observation.type === 'content'
        ? observation
        : { type: 'unavailable', reason: `${this.path} ${observation.reason}` },
    );
  }
}
