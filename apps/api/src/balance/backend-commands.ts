import { Injectable } from '@nestjs/common';
import {
  type BackendCommandRequest,
  CodedError,
  type CommandAnswer,
  type HeartbeatRequest,
} from '@signalbox/contracts';
import { Consequences } from '../changes/consequences.js';
import { operationId } from '../domain/operation-id.js';
import type { BackendOutcomeDto } from './backend-commands.dto.js';
import { BackendsReader } from './backends.reader.js';
import { CommandChannel } from './command-channel.js';

/** What an operator does to a backend at run time: `health` decides, the answer is readable everywhere. */
@Injectable()
export class BackendCommands {
  constructor(
    private readonly channel: CommandChannel,
    private readonly consequences: Consequences,
    private readonly backends: BackendsReader,
  ) {}

  /**
   * The backend after the command; `pending` when not everyone has followed yet. Throws `not-found`, `wrong-state`
   * (regression R1: pause and resume of a disabled backend), `not-ready`.
   */
  async run(
    request: BackendCommandRequest,
  ): Promise<{ backend: BackendOutcomeDto; pending: boolean; operation?: string }> {
    const { seq } = await this.channel.send<CommandAnswer>('health', 'backend', request);
    const late = seq === undefined ? [] : await this.consequences.ofBackend(seq);
    const backend = await this.backends.find(request.backend);
    if (backend)
      return {
        backend: { ...backend, changed: seq !== undefined },
        pending: late.length > 0,
        ...(seq !== undefined && { operation: operationId('backend', seq) }),
      };
    throw new CodedError(
      'not-ready',
      `${request.command} of ${request.backend} is stored, but the table of backends does not hold it yet: read it again`,
    );
  }

  /** Throws `not-found`, `wrong-state` when its check is not push, `not-ready`. */
  async heartbeat(request: HeartbeatRequest): Promise<void> {
    await this.channel.send('health', 'heartbeat', request);
  }
}
