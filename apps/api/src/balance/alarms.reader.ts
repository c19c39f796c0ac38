import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { type Alarm, CodedError, SUBJECTS } from '@signalbox/contracts';

/** How long a service may take to tell its alarms. Milliseconds. */
const ASK_MS = 1000;

/** What is wrong now, as `health` and `balancer` see it. */
@Injectable()
export class AlarmsReader {
  constructor(private readonly bus: Bus) {}

  /** By kind, then name; those of one service while the other is away. Throws `not-ready` when both are. */
  async list(): Promise<Alarm[]> {
    const answers = await Promise.all(['health', 'balancer'].map((service) => this.alarmsOf(service)));
    const alarms = answers.filter((answer) => answer !== undefined);
    if (alarms.length === 0) {
      throw new CodedError(
        'not-ready',
        'neither health nor balancer answers: see whether they run and are ready',
      );
    }
    return alarms.flat().sort((a, b) => (a.kind === b.kind ? order(a.name, b.name) : order(a.kind, b.kind)));
  }

  private async alarmsOf(service: string): Promise<readonly Alarm[] | undefined> {
    try {
      const subject = SUBJECTS.ask(service, 'alarms');
      return (await this.bus.ask<{ alarms: Alarm[] }>(subject, {}, ASK_MS))?.alarms;
    } catch (error) {
      if (error instanceof CodedError) return undefined;
      throw error;
    }
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
