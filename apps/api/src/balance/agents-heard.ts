import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { CodedError, SUBJECTS, type UsageAnswer } from '@signalbox/contracts';

/** How long an agent may take to be heard. One whose process is gone is known to be at once. Milliseconds. */
const ASK_MS = 1000;

/** Asks agents whether they are there: what a node reported last stays in its records when it dies. */
@Injectable()
export class AgentsHeard {
  constructor(private readonly bus: Bus) {}

  /** Those of these nodes whose agents do not answer. */
  async silentOf(nodes: Iterable<string>): Promise<ReadonlySet<string>> {
    const names = [...new Set(nodes)];
    const answers = await Promise.all(names.map((node) => this.answers(node)));
    return new Set(names.filter((_node, at) => !answers[at]));
  }

  private async answers(node: string): Promise<boolean> {
    try {
      return (await this.bus.ask<UsageAnswer>(SUBJECTS.askNode(node, 'usage'), {}, ASK_MS)) !== undefined;
    } catch (error) {
      if (error instanceof CodedError) return false;
      throw error;
    }
  }
}
