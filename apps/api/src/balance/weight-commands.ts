import { Injectable } from '@nestjs/common';
import { CodedError, type CommandAnswer, type WeightRequest } from '@signalbox/contracts';
import { Consequences } from '../changes/consequences.js';
import { operationId } from '../domain/operation-id.js';
import { CommandChannel } from './command-channel.js';
import type { FrontendDto } from './frontends.dto.js';
import { FrontendsReader } from './frontends.reader.js';
import type { ListenerDto } from './listeners.dto.js';
import { ListenersReader } from './listeners.reader.js';

/** Weights that an operator sets at run time: `balancer` decides, the answer is readable everywhere. */
@Injectable()
export class WeightCommands {
  constructor(
    private readonly channel: CommandChannel,
    private readonly consequences: Consequences,
    private readonly frontends: FrontendsReader,
    private readonly listeners: ListenersReader,
  ) {}

  /**
   * The frontend or listener after the command; `pending` when not everyone has followed yet. Throws `not-found`,
   * `not-ready`.
   */
  async run(
    request: WeightRequest,
  ): Promise<{ frontend: FrontendDto | ListenerDto; pending: boolean; operation?: string }> {
    const { seq } = await this.channel.send<CommandAnswer>('balancer', 'weight', request);
    const late = await this.consequences.ofWeight(request.frontend, seq);
    const { frontend: name } = request;
    const frontend = (await this.frontends.find(name)) ?? (await this.listeners.find(name));
    const operation = seq === undefined ? undefined : operationId('weight', seq);
    if (frontend)
      return { frontend, pending: late.length > 0, ...(operation !== undefined && { operation }) };
    throw new CodedError(
      'not-ready',
      `the weight is stored, but the table of frontends does not hold ${name} yet: read it again`,
    );
  }
}
