import { appendDeadLetter, type Bus } from '@signalbox/bus';
import { SUBJECTS } from '@signalbox/contracts';
import type { FinalFailure } from './domain/planner-snapshot.js';

/** Runs that finally failed and have no dead letter yet. */
export class DeadRuns {
  private failures: FinalFailure[] = [];

  constructor(private readonly bus: Bus) {}

  add(failure: FinalFailure): void {
    this.failures.push(failure);
  }

  /** Writes a dead letter for each. Throws when NATS does not take one: what is left stays for the next time. */
  async bury(): Promise<void> {
    for (let failure = this.failures[0]; failure; failure = this.failures[0]) {
      await this.append(failure);
      this.failures.shift();
    }
  }

  private async append({ order, at, error }: FinalFailure): Promise<void> {
    await appendDeadLetter(this.bus, {
      service: 'matcher',
      error,
      subject: SUBJECTS.plans,
      data: Buffer.from(JSON.stringify(order)),
      at,
      about: {
        runId: order.runId,
        subscription: order.subscription,
        plugin: order.plugin,
        eventId: order.facts.map(({ id }) => id).join(','),
      },
      msgId: `dead-run:${order.runId}:${order.attempt}`,
    });
  }
}
