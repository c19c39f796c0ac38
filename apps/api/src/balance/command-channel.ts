import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { CodedError, SUBJECTS } from '@signalbox/contracts';

/** How long a service may take to decide on a command. Milliseconds. */
const DECISION_MS = 2000;

/** Sends commands to the services that decide on them (architecture section 6, rule 10). */
@Injectable()
export class CommandChannel {
  constructor(private readonly bus: Bus) {}

  /** The service's answer. Throws the error it refuses with, and `not-ready` when it does not answer. */
  async send<T>(
    service: 'health' | 'balancer' | 'sinks' | 'matcher',
    command: string,
    request: object,
  ): Promise<T> {
    const answer = await this.bus.ask<T>(SUBJECTS.command(service, command), request, DECISION_MS);
    if (answer !== undefined) return answer;
    throw new CodedError(
      'not-ready',
      `${service} does not answer: see whether it runs and is ready. The command may have been carried out`,
    );
  }
}
