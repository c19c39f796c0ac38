import { Injectable } from '@nestjs/common';
import { CodedError, COMMAND_WAIT_MS, parseDuration } from '@signalbox/contracts';
import { Consequences } from '../changes/consequences.js';
import { type Operation, parseOperationId } from '../domain/operation-id.js';
import type { OperationDto } from './operations.controller.js';

/** How far what follows from a change has come. Nothing is kept of operations: the marks of the services say it. ADR 0048. */
@Injectable()
export class OperationsReader {
  constructor(private readonly consequences: Consequences) {}

  /** Answers when it is done, at the latest after `wait`, a duration. Throws `not-found`. */
  async get(id: string, wait?: string): Promise<OperationDto> {
    const operation = parseOperationId(id);
    if (!operation)
      throw new CodedError(
        'not-found',
        `there is no operation ${id}: an answer with status 202 names one in its Location, such as revision-17`,
      );
    const waitingFor = await this.lateOf(
      operation,
      wait === undefined ? COMMAND_WAIT_MS : parseDuration(wait),
    );
    return { id, done: waitingFor.length === 0, waitingFor };
  }

  private lateOf({ of, seqs: [first = 0, second = 0] }: Operation, waitMs: number): Promise<string[]> {
    switch (of) {
      case 'revision':
        return this.consequences.ofChangeset(first, waitMs);
      case 'backend':
        return this.consequences.ofBackend(first, waitMs);
      case 'weight':
        return this.consequences.ofFrontend(first, waitMs);
      case 'node':
        return this.consequences.ofNodeDrain(first, waitMs);
      case 'sink':
        return this.consequences.ofSink(first, second, waitMs);
    }
  }
}
