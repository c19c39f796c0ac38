import { type Type, Injectable } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { MessageController, OnRequest } from '@signalbox/bus';
import {
  type MeasuredName,
  type ServiceName,
  STORED,
  SUBJECTS,
  type UsageAnswer,
} from '@signalbox/contracts';

/** How full caches and queues of this process are. Each service registers how to read its own (see {@link STORED}). */
@Injectable()
export class Usage {
  private readonly measures = new Map<string, () => number>();

  /** `reads` are called at every question: they read what is in memory, in the unit of the bound. */
  measure(reads: Partial<Readonly<Record<MeasuredName, () => number>>>): void {
    for (const [name, read] of Object.entries(reads)) this.measures.set(name, read);
  }

  /** Of one service of this process. */
  of(service: ServiceName): UsageAnswer {
    const used: Record<string, number> = {};
    for (const { name, owner } of STORED) {
      const read = owner === service && this.measures.get(name);
      if (read) used[name] = read();
    }
    return { used };
  }
}

/** A controller that answers `ask.<service>.usage`. */
export function usageAnswers(service: ServiceName): Type<unknown> {
  @MessageController()
  class UsageController {
    constructor(private readonly usage: Usage) {}

    @OnRequest(SUBJECTS.ask(service, 'usage'))
    answer(@Payload() _data: Uint8Array): UsageAnswer {
      return this.usage.of(service);
    }
  }
  return UsageController;
}
