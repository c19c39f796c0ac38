import { Injectable } from '@nestjs/common';
import {
  CodedError,
  type CommandAnswer,
  readScopedName,
  toldProject,
  type WeightRequest,
} from '@signalbox/contracts';
import { FrontendTargetRow } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { Consequences } from '../changes/consequences.js';
import { operationId } from '../domain/operation-id.js';
import { CommandChannel } from './command-channel.js';
import type { DrainDto } from './drains.dto.js';
import { noSuch } from './in-project.js';

/** What is wanted for every place of a backend: the weight 0, or with null that of the config again. Names are scoped. */
export interface DrainRequest extends Omit<WeightRequest, 'frontend' | 'pool' | 'weight'> {
  /** Absent: in all of them. */
  readonly listener?: string;
  readonly weight: 0 | null;
}

/** Takes a backend out of new connections wherever it is a target, one weight after the other, and back. */
@Injectable()
export class Drains {
  constructor(
    private readonly channel: CommandChannel,
    private readonly consequences: Consequences,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * The places after the command; `pending` when not everyone has followed yet. Throws `not-found`, `not-ready`; what was set
   * before that stays, and asking again sets the rest.
   */
  async run({
    listener,
    ...request
  }: DrainRequest): Promise<{ drain: DrainDto; pending: boolean; operation?: string }> {
    const { backend } = request;
    const places = await this.placesOf(backend, listener);
    if (places.length === 0) throw this.nowhere(backend, listener);
    let pending = false;
    let operation: string | undefined;
    for (const { frontend, pool } of places) {
      const { seq } = await this.channel.send<CommandAnswer>('balancer', 'weight', {
        ...request,
        frontend,
        pool,
      });
      if (seq !== undefined) operation = operationId('weight', seq);
      pending = (await this.consequences.ofWeight(frontend, seq)).length > 0 || pending;
    }
    const targets = (await this.placesOf(backend, listener)).map(({ frontend, pool, weight, effective }) => ({
      listener: readScopedName(frontend).name,
      ...{ pool, weight, effective },
    }));
    const drain = { backend: readScopedName(backend).name, ...toldProject(backend), targets };
    return { drain, pending, ...(operation !== undefined && { operation }) };
  }

  private placesOf(backend: string, listener: string | undefined): Promise<FrontendTargetRow[]> {
    return this.dataSource.getRepository(FrontendTargetRow).find({
      where: { backend, ...(listener !== undefined && { frontend: listener }) },
      order: { frontend: 'ASC', pool: 'ASC' },
    });
  }

  private nowhere(backend: string, listener: string | undefined): CodedError {
    if (listener === undefined) return noSuch('target', backend, 'listeners');
    const { name } = readScopedName(listener);
    return new CodedError(
      'not-found',
      `listener ${name} has no target ${readScopedName(backend).name}: GET /v1/listeners/${name} lists its targets`,
    );
  }
}
