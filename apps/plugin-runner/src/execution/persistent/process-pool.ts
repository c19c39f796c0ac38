import { CodedError } from '@signalbox/contracts';
import { PROCESS_LIMITS } from '../limits.js';
import type { EndReason } from './end-reason.js';
import { Place, type PlaceOwner } from './place.js';
import { WaitingLine } from './waiting-line.js';

/** What happens to a pool. */
export interface PoolEvents {
  onEnded(reason: EndReason): void;
  /** The last process has ended and nobody waits. */
  onEmpty(): void;
}

/**
 * The processes of one persistent plugin: started when a run needs one, at most `concurrency`, the most recently used
 * first, so that those which are not needed become idle and end.
 */
export class ProcessPool implements PlaceOwner {
  private readonly places = new Set<Place>();
  /** Ready for a run, least recently used first, with the timer that ends its idleness. */
  private readonly idle = new Map<Place, NodeJS.Timeout>();
  private readonly waiting = new WaitingLine<Place>(PROCESS_LIMITS.waitingRuns);
  private concurrency = 1;
  private identity: string | undefined;
  private stopped = false;

  constructor(
    private readonly events: PoolEvents,
    private readonly idleMs: number,
  ) {}

  get isStopped(): boolean {
    return this.stopped;
  }

  /** A place for one run; {@link release} it. Waits for one when all are held; throws `run-lost` at shutdown. */
  async hold(concurrency: number, signal?: AbortSignal): Promise<Place> {
    this.concurrency = concurrency;
    this.admit();
    return this.nextIdle() ?? this.newPlace() ?? this.waiting.join(signal, shuttingDown);
  }

  /** Gives a place back; its process stays when it may serve the next run. */
  release(place: Place): void {
    const reason = this.replaceReason(place);
    if (reason !== undefined) this.vacate(place, reason);
    else if (!this.waiting.next(place)) this.rest(place);
  }

  adopt(identity: string): void {
    if (this.identity === identity) return;
    this.identity = identity;
    this.retireIdle();
  }

  /** Ends the processes: idle ones now, the others after their run. */
  recycle(): void {
    this.identity = undefined;
    this.retireIdle();
  }

  onEnding(place: Place): void {
    // While a run holds the place, its release sees that the process ends.
    if (this.wake(place)) this.vacate(place, 'exit');
  }

  onEnded(reason: EndReason): void {
    this.events.onEnded(reason);
  }

  /** Ends everything now, runs in work included. Resolves when no process is left. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.waiting.refuseAll(shuttingDown());
    for (const timer of this.idle.values()) clearTimeout(timer);
    await Promise.all([...this.places].map((place) => place.shutDown()));
  }

  private replaceReason(place: Place): EndReason | undefined {
    if (this.stopped) return 'shutdown';
    if (this.places.size > this.concurrency) return 'changed';
    return place.replaceReason(this.identity);
  }

  private newPlace(): Place | undefined {
    if (this.places.size >= this.concurrency) return undefined;
    const place = new Place(this);
    this.places.add(place);
    return place;
  }

  /** Most recently used first. */
  private nextIdle(): Place | undefined {
    const place = [...this.idle.keys()].at(-1);
    if (place) this.wake(place);
    return place;
  }

  private rest(place: Place): void {
    const timer = setTimeout(() => {
      this.wake(place);
      this.vacate(place, 'idle');
    }, this.idleMs);
    this.idle.set(place, timer);
  }

  private wake(place: Place): boolean {
    clearTimeout(this.idle.get(place));
    return this.idle.delete(place);
  }

  private retireIdle(): void {
    for (const place of [...this.idle.keys()]) {
      this.wake(place);
      this.vacate(place, 'changed');
    }
  }

  /** The room of a process is free only when the process is gone. */
  private vacate(place: Place, reason: EndReason): void {
    void place.retire(reason).then(() => {
      this.places.delete(place);
      this.admit();
      if (this.places.size === 0) this.events.onEmpty();
    });
  }

  private admit(): void {
    while (this.waiting.size > 0) {
      const place = this.newPlace();
      if (!place) return;
      this.waiting.next(place);
    }
  }
}

/** The error of a run that never started. */
export function shuttingDown(): CodedError {
  return new CodedError('run-lost', 'was not started because the service is shutting down');
}
