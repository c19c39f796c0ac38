import { CodedError } from '@signalbox/contracts';
import { Serial } from '@signalbox/runtime';
import type { ListenerCounters } from '../driver.js';
import { workerInfo } from './answers.js';
import { CounterLedger } from './counter-ledger.js';
import { counterKeys, listenerCounters, type StatSample, statSample } from './counter-samples.js';
import { Expiry } from './expiry.js';
import type { HaproxyControl } from './haproxy-control.js';
import type { PlacedListener } from './placed-listener.js';

/** What all processes of HAProxy told, by their ids, and which of them accepts. */
interface Samples {
  readonly all: ReadonlyMap<number, StatSample>;
  readonly serving: StatSample | undefined;
}

/** Milliseconds. */
const MOST_NOTE_MS = 1_000;

/** Reads the counters of all processes of HAProxy and adds them up, one sample after the other: an older one would count again. */
export class HaproxyCounters {
  private readonly ledger = new CounterLedger();
  private readonly serial = new Serial();

  constructor(private readonly control: HaproxyControl) {}

  /** Of the listeners that HAProxy serves. */
  async of(listeners: readonly PlacedListener[], expiry: Expiry): Promise<ListenerCounters[]> {
    return this.serial.run(async () => {
      const { all, serving } = await this.take(expiry);
      const kept = counterKeys(listeners);
      this.ledger.keepOnly((key) => kept.has(key));
      return listenerCounters(listeners, this.ledger, [...all.values()], serving);
    });
  }

  /**
   * A process is about to end: what it counted since it was asked last would be lost. Whoever ends it waits no longer than
   * {@link MOST_NOTE_MS}, and ends it all the same when HAProxy does not tell: the change is worth more.
   */
  async note(): Promise<void> {
    const expiry = new Expiry({ deadlineMs: MOST_NOTE_MS });
    try {
      await this.serial.run(() => this.take(expiry));
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
    }
  }

  private async take(expiry: Expiry): Promise<Samples> {
    const all = new Map<number, StatSample>();
    const old = (await this.control.processes(expiry))?.oldWorkers ?? [];
    for (const pid of old)
      all.set(pid, statSample(await this.control.tellWorker(pid, ['show stat'], expiry)));
    const answer = await this.control.tell(['show info', 'show stat'], expiry);
    const pid = workerInfo(answer)?.pid;
    const serving = pid === undefined ? undefined : statSample(answer);
    if (pid !== undefined && serving) all.set(pid, serving);
    this.ledger.take(new Map(Array.from(all, ([one, { counts }]) => [one, counts])));
    return { all, serving };
  }
}
